import type { CheckpointName, Committed, JsonValue, Sink, SinkContext, SinkWriter } from '../model/index.ts';

/** A sink that keeps what it gets, for tests and first steps. */
export interface MemorySink<T> extends Sink<T> {
  /** Everything visible so far, in order, over all runs. */
  readonly rows: readonly T[];
  /** Event time of `rows[i]`, epoch milliseconds; NaN for a record without timestamp. */
  readonly timestamps: readonly number[];
}

/**
 * Collects records in an array. In a job with checkpoints they appear there when their checkpoint is committed, exactly once.
 *
 * @example
 * const out = memorySink<number>();
 * flow.from('numbers', memory([1, 2])).map((n) => n * 2).to('out', out);
 * await (await flow.run()).done;
 * out.rows; // [2, 4]
 */
export function memorySink<T>(): MemorySink<T> {
  const visible = new Rows<T>();
  const prepared = new Map<string, Rows<T>>();
  const { values: rows, timestamps } = visible;
  return Object.freeze({
    kind: 'memory',
    guarantee: 'exactly-once' as const,
    rows,
    timestamps,
    open: (context: SinkContext): Promise<SinkWriter<T>> =>
      Promise.resolve(context.transactional === true ? new CommittedRows(visible, prepared) : plainWriter(visible)),
  });
}

class Rows<T> {
  readonly values: T[] = [];
  readonly timestamps: number[] = [];

  add(value: T, timestampMs: number): void {
    this.values.push(value);
    this.timestamps.push(timestampMs);
  }
}

const nothing = (): Promise<void> => Promise.resolve();

function plainWriter<T>(visible: Rows<T>): SinkWriter<T> {
  return {
    buffered: 0,
    write: (value, timestampMs) => visible.add(value, timestampMs),
    ready: () => true,
    flush: nothing,
    finish: nothing,
    abort: nothing,
  };
}

/** Rows by transaction. What is prepared outlives the writer, as a database would keep it. */
class CommittedRows<T> implements SinkWriter<T> {
  readonly buffered = 0;
  readonly flush = nothing;
  readonly finish = nothing;
  readonly abort = nothing;
  private readonly visible: Rows<T>;
  private readonly prepared: Map<string, Rows<T>>;
  private current = new Rows<T>();
  private sealed = new Rows<T>();

  constructor(visible: Rows<T>, prepared: Map<string, Rows<T>>) {
    this.visible = visible;
    this.prepared = prepared;
  }

  readonly transaction = {
    recover: async (_attempt: string, last: Committed | undefined): Promise<void> => {
      if (last !== undefined) await this.transaction.commit(last);
    },
    cut: (): void => {
      this.sealed = this.current;
      this.current = new Rows<T>();
    },
    prepare: async (name: CheckpointName): Promise<JsonValue> => {
      this.prepared.set(keyOf(name), this.sealed);
      return keyOf(name);
    },
    commit: async ({ name }: Committed): Promise<void> => {
      const rows = this.prepared.get(keyOf(name));
      rows?.values.forEach((value, i) => this.visible.add(value, rows.timestamps[i] as number));
      // No other attempt can commit this number or a lower one any more.
      for (const key of this.prepared.keys()) if (Number(key.split(' ')[0]) <= name.id) this.prepared.delete(key);
    },
  };

  write(value: T, timestampMs: number): void {
    this.current.add(value, timestampMs);
  }

  ready(): boolean {
    return true;
  }
}

const keyOf = ({ id, attempt }: CheckpointName): string => `${id} ${attempt}`;
