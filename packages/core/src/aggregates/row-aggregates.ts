import type { Aggregate, AggregateSpec, FunctionCompiler, NumericFields, Slice, SliceLayout } from '../model/index.ts';
import { numericAdder, type AddNumbers } from './numeric-adder.ts';
import type { CopyAccumulator, RowFunction } from './row-function.ts';

type Spec = AggregateSpec<unknown>;

/** All aggregates of one `aggregate({...})` call on one row: numeric ones in the cells, others one object cell each. */
export class RowAggregates implements RowFunction {
  readonly layout: SliceLayout;
  private readonly numericNames: string[] = [];
  private readonly numeric: NumericFields<unknown, unknown>[] = [];
  private readonly offsets: number[] = [];
  private readonly objectNames: string[] = [];
  private readonly custom: Aggregate<unknown, unknown, unknown>[] = [];
  /** A result without values: copying it is faster than adding properties by name, and keeps the declared order. */
  private readonly template: Readonly<Record<string, unknown>>;

  /** Adds to all numeric cells of a row at once. */
  private readonly addNumbers: AddNumbers;

  constructor(spec: Spec, compile?: FunctionCompiler) {
    const numbers: number[] = [];
    const names = Object.keys(spec);
    for (const name of names) {
      const aggregate = spec[name] as Aggregate<unknown, unknown, unknown>;
      if (aggregate.fields === undefined) {
        this.objectNames.push(name);
        this.custom.push(aggregate);
      } else {
        this.numericNames.push(name);
        this.numeric.push(aggregate.fields);
        this.offsets.push(numbers.length);
        numbers.push(...aggregate.fields.initial);
      }
    }
    this.template = Object.fromEntries(names.map((name) => [name, undefined]));
    this.addNumbers = numericAdder(this.numeric, this.offsets, compile);
    this.layout = Object.freeze({ numbers, objects: this.custom.map((aggregate) => () => aggregate.create()) });
  }

  add(slice: Slice<unknown>, key: unknown, value: unknown): number {
    return this.custom.length === 0 ? this.addNumbers(slice, key, value) : this.addMixed(slice, key, value);
  }

  /** Custom aggregates may throw at any time: cells change only after the last one was computed. */
  private addMixed(slice: Slice<unknown>, key: unknown, value: unknown): number {
    const { custom } = this;
    const { size } = slice;
    const row = slice.upsert(key);
    const at = slice.objectsAt(row);
    const before = slice.objectsOf(row);
    let accumulators: unknown[];
    try {
      accumulators = custom.map((aggregate, i) => aggregate.add(before[at + i], value));
      this.addNumbers(slice, key, value);
    } catch (error) {
      if (slice.size > size) slice.removeLast();
      throw error;
    }
    const cells = slice.objectsOf(row);
    for (let i = 0; i < custom.length; i++) cells[at + i] = accumulators[i];
    return row;
  }

  merge(slice: Slice<unknown>, row: number, from: Slice<unknown>, fromRow: number, copy?: CopyAccumulator): void {
    const { numeric, offsets, custom } = this;
    if (numeric.length > 0) {
      const cells = slice.numbersOf(row);
      const at = slice.numbersAt(row);
      const other = from.numbersOf(fromRow);
      const otherAt = from.numbersAt(fromRow);
      for (let i = 0; i < numeric.length; i++) {
        const offset = offsets[i] as number;
        (numeric[i] as (typeof numeric)[0]).merge(cells, at + offset, other, otherAt + offset);
      }
    }
    const at = slice.objectsAt(row);
    const otherAt = from.objectsAt(fromRow);
    for (let i = 0; i < custom.length; i++) {
      const cells = slice.objectsOf(row);
      const other = from.objectsOf(fromRow)[otherAt + i];
      cells[at + i] = (custom[i] as (typeof custom)[0]).merge(cells[at + i], copy === undefined ? other : copy(other));
    }
  }

  result(slice: Slice<unknown>, row: number): Record<string, unknown> {
    const { numeric, numericNames, offsets, custom, objectNames } = this;
    const result = { ...this.template };
    if (numeric.length > 0) {
      const cells = slice.numbersOf(row);
      const at = slice.numbersAt(row);
      for (let i = 0; i < numeric.length; i++) {
        result[numericNames[i] as string] = (numeric[i] as (typeof numeric)[0]).result(
          cells,
          at + (offsets[i] as number),
        );
      }
    }
    if (custom.length > 0) {
      const cells = slice.objectsOf(row);
      const at = slice.objectsAt(row);
      for (let i = 0; i < custom.length; i++) {
        result[objectNames[i] as string] = (custom[i] as (typeof custom)[0]).result(cells[at + i]);
      }
    }
    return result;
  }
}
