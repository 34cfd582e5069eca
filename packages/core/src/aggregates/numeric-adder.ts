import type { FunctionCompiler, NumericFields, Slice } from '../model/index.ts';

/**
 * Adds one value to all numeric aggregates of the row of `key`, and returns the row. Everything that can throw comes
 * before the row is made.
 */
export type AddNumbers = (slice: Slice<unknown>, key: unknown, value: unknown) => number;

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
  const takes = fields.map((_, i) => `const v${i} = f${i}.take(value);`);
  const puts = fields.map((_, i) => `f${i}.put(cells, at + ${offsets[i]}, v${i});`);
  const names = fields.map((_, i) => `f${i}`);
  const source = `return function addNumbers(slice, key, value) {
    ${takes.join(' ')}
    const row = slice.upsert(key);
    const cells = slice.numbersOf(row);
    const at = slice.numbersAt(row);
    ${puts.join(' ')}
    return row;
  };`;
  try {
    // The source text above says what it returns.
    if (compile !== undefined) return compile(source, names)(...fields) as AddNumbers;
  } catch {
    // A page's policy may forbid generated code: nothing is lost but speed.
  }
  return (slice, key, value) => {
    const taken = fields.map((field) => field.take(value));
    const row = slice.upsert(key);
    const cells = slice.numbersOf(row);
    const at = slice.numbersAt(row);
    for (let i = 0; i < fields.length; i++) (fields[i] as Fields).put(cells, at + (offsets[i] as number), taken[i]);
    return row;
  };
}
