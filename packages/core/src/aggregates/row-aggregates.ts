import type { Aggregate, AggregateSpec, NumericFields, Slice, SliceLayout } from '../model/index.ts';
import type { RowFunction } from './row-function.ts';

type Spec = AggregateSpec<unknown>;

/** All aggregates of one `aggregate({...})` call on one row: numeric ones in the cells, others one object cell each. */
export class RowAggregates implements RowFunction {
  readonly layout: SliceLayout;
  private readonly numericNames: string[] = [];
  private readonly numeric: NumericFields<unknown, unknown>[] = [];
  private readonly offsets: number[] = [];
  private readonly objectNames: string[] = [];
  private readonly custom: Aggregate<unknown, unknown, unknown>[] = [];
  private readonly names: readonly string[];

  constructor(spec: Spec) {
    const numbers: number[] = [];
    this.names = Object.keys(spec);
    for (const name of this.names) {
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
    this.layout = Object.freeze({ numbers, objects: this.custom.map((aggregate) => () => aggregate.create()) });
  }

  add(slice: Slice<unknown>, row: number, value: unknown): void {
    const { numeric, offsets, custom } = this;
    if (numeric.length > 0) {
      const cells = slice.numbersOf(row);
      const at = slice.numbersAt(row);
      for (let i = 0; i < numeric.length; i++) {
        (numeric[i] as NumericFields<unknown, unknown>).add(cells, at + (offsets[i] as number), value);
      }
    }
    if (custom.length > 0) {
      const cells = slice.objectsOf(row);
      const at = slice.objectsAt(row);
      for (let i = 0; i < custom.length; i++)
        cells[at + i] = (custom[i] as (typeof custom)[0]).add(cells[at + i], value);
    }
  }

  result(slice: Slice<unknown>, row: number): Record<string, unknown> {
    const { numeric, numericNames, offsets, custom, objectNames } = this;
    const result: Record<string, unknown> = {};
    for (const name of this.names) result[name] = undefined;
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
