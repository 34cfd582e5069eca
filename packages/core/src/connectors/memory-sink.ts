import type { Sink, SinkContext, SinkWriter } from '../model/index.ts';

/** A sink that keeps what it gets, for tests and first steps. */
export interface MemorySink<T> extends Sink<T> {
  /** Everything written so far, in order, over all runs. */
  readonly rows: readonly T[];
  /** Event time of `rows[i]`, epoch milliseconds; NaN for a record without timestamp. */
  readonly timestamps: readonly number[];
}

/**
 * Collects records in an array.
 *
 * @example
 * const out = memorySink<number>();
 * flow.from('numbers', memory([1, 2])).map((n) => n * 2).to('out', out);
 * await (await flow.run()).done;
 * out.rows; // [2, 4]
 */
export function memorySink<T>(): MemorySink<T> {
  const rows: T[] = [];
  const timestamps: number[] = [];
  const writer: SinkWriter<T> = {
    buffered: 0,
    write(value, timestampMs) {
      rows.push(value);
      timestamps.push(timestampMs);
    },
    ready: () => true,
    flush: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
  return Object.freeze({ kind: 'memory', rows, timestamps, open: (_context: SinkContext) => Promise.resolve(writer) });
}
