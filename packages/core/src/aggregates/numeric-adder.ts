import type { FunctionCompiler, NumericFields } from '../model/index.ts';

/** Adds one value to all numeric aggregates of a row, whose cells begin at `at`. */
export type AddNumbers = (cells: Float64Array, at: number, value: unknown) => void;

type Fields = NumericFields<unknown, unknown>;

/**
 * One function for all numeric aggregates of a window. Generated where that is allowed: unrolled, and with code of its
 * own, so that each call sees one target and V8 inlines it; a loop shared by all windows would be megamorphic.
 *
 * @param offsets cell of each aggregate within the row
 */
export function numericAdder(
  fields: readonly Fields[],
  offsets: readonly number[],
  compile: FunctionCompiler | undefined,
): AddNumbers {
  const calls = fields.map((_, i) => `f${i}.add(cells, at + ${offsets[i]}, value);`);
  const names = fields.map((_, i) => `f${i}`);
  try {
    const adder = compile?.(`return function addNumbers(cells, at, value) { ${calls.join(' ')} };`, names)(...fields);
    // The source text above says what it returns.
    if (adder !== undefined) return adder as AddNumbers;
  } catch {
    // A page's policy may forbid generated code: nothing is lost but speed.
  }
  return (cells, at, value) => {
    for (let i = 0; i < fields.length; i++) (fields[i] as Fields).add(cells, at + (offsets[i] as number), value);
  };
}
