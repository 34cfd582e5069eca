import { compileFunction } from 'node:vm';
import type { FunctionCompiler } from '../../model/index.ts';

let compiled = 0;

/**
 * Compiles with `vm.compileFunction`, which also works where `new Function` is forbidden
 * (`--disallow-code-generation-from-strings`). A number in a comment makes every source text unique: V8's compilation
 * cache would otherwise give functions of equal text the same, polluted type feedback.
 *
 * @throws {SyntaxError} if `source` is not a function body
 * @example
 * const add = nodeFunctionCompiler('return a + b;', ['a', 'b']);
 * add(1, 2); // 3
 */
export const nodeFunctionCompiler: FunctionCompiler = (source, parameters) => {
  compiled++;
  const body = `${source}\n/* millrace ${compiled} */`;
  // vm.compileFunction is declared as the bare `Function`; called with `parameters`, it is this.
  return compileFunction(body, parameters, {
    filename: `millrace:generated/${compiled}`,
  }) as ReturnType<FunctionCompiler>;
};
