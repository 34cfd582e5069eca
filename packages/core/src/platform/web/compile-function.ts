import type { FunctionCompiler } from '../../model/index.ts';

let compiled = 0;

/**
 * Compiles with `new Function`: everywhere, unless a policy forbids it; then it throws. A number in a comment makes every
 * source text unique, so that functions of equal text do not share type feedback.
 */
export const webFunctionCompiler: FunctionCompiler = (source, parameters) => {
  compiled++;
  // `new Function` is declared as the bare `Function`; called with `parameters`, it is this. Its source is ours alone:
  // nothing of a program goes into it, functions are passed as arguments.
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function(...parameters, `${source}\n/* millrace operator ${compiled} */`) as ReturnType<FunctionCompiler>;
};
