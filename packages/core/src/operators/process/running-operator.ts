import type { RowFunction } from '../../aggregates/index.ts';
import type { OperatorMetrics } from '../../metrics/index.ts';
import type { KeyedStore, Receiver, StateBackend } from '../../model/index.ts';
import { RowPool } from '../../state/index.ts';
import { keyFor } from '../key-for.ts';
import { OperatorFailure } from '../operator-failure.ts';

/** What a running aggregate is made of. */
export interface RunningOperatorOptions {
  readonly name: string;
  readonly keyOf: (value: unknown) => unknown;
  readonly rows: RowFunction;
  /** Whether the value itself goes on (`reduce`) or `{ key, value }` (`aggregate`). */
  readonly emits: 'value' | 'keyed';
  readonly project: ((result: { readonly key: unknown; readonly value: unknown }) => unknown) | undefined;
  readonly next: Receiver<unknown>;
  readonly state: StateBackend;
  readonly metrics: OperatorMetrics;
}

/** An aggregate per key over the whole stream: each record gives the new value, with the record's timestamp. */
export class RunningOperator implements Receiver<unknown> {
  private readonly o: RunningOperatorOptions;
  private readonly pool: RowPool;
  private readonly store: KeyedStore<unknown, { readonly row: number }>;

  constructor(options: RunningOperatorOptions) {
    this.o = options;
    const pool = new RowPool(options.rows.layout);
    this.pool = pool;
    this.store = options.state.keyedStore('rows', {
      toValue: ({ row }) => pool.cellsOf(row),
      // The format wrote an array of cells.
      fromValue: (cells) => ({ row: pool.restore(cells as readonly unknown[]) }),
    });
  }

  process(value: unknown, timestampMs: number): void {
    const { name, keyOf, metrics, next } = this.o;
    metrics.in++;
    let what = 'key selector';
    let key: unknown;
    let result: unknown;
    try {
      key = keyFor(keyOf, value);
      what = 'aggregate';
      const row = this.addToRow(key, value);
      what = 'result function';
      result = this.resultOf(key, row);
    } catch (cause) {
      metrics.deadLettered++;
      throw new OperatorFailure({ operator: name, what, cause, key });
    }
    metrics.out++;
    next.process(result, timestampMs);
  }

  /** A result function that throws comes too late to keep the record out: it is part of the aggregate. */
  private resultOf(key: unknown, row: number): unknown {
    const { rows, emits, project } = this.o;
    const value = rows.result(this.pool, row);
    if (emits === 'value') return value;
    return project === undefined ? { key, value } : project({ key, value });
  }

  /** If the aggregate throws, a key that was not there is not there afterwards. */
  private addToRow(key: unknown, value: unknown): number {
    const { rows } = this.o;
    const known = this.store.edit(key);
    if (known !== undefined) return rows.add(this.pool, known.row, value);
    const row = this.pool.allocate();
    try {
      rows.add(this.pool, row, value);
    } catch (error) {
      this.pool.release(row);
      throw error;
    }
    this.store.put(key, { row });
    return row;
  }
}
