import type { RowFunction } from '../../aggregates/index.ts';
import type { ValueOutput, WindowElement } from '../../model/index.ts';
import { RowPool } from '../../state/index.ts';
import type { WindowState } from './window-state.ts';

/** What a window holds of its records. One object serves all windows of an operator. */
export interface Contents {
  /** Adds a record. If it throws, the window is as before. */
  add(window: WindowState, value: unknown, timestampMs: number): void;
  has(window: WindowState): boolean;
  /** What the window function gets. */
  read(window: WindowState): unknown;
  drop(window: WindowState): void;
  /** Moves everything into `into`; `from` then holds nothing. */
  move(into: WindowState, from: WindowState): void;
  /** For a snapshot; `undefined`: nothing. */
  toValue(window: WindowState): unknown;
  /** The same, piece by piece. */
  write(window: WindowState, output: ValueOutput): void;
  restore(window: WindowState, value: unknown): void;
}

/** Accumulators: nothing is kept of a record but what it adds. */
export class RowContents implements Contents {
  private readonly rows: RowFunction;
  private readonly pool: RowPool;

  constructor(rows: RowFunction) {
    this.rows = rows;
    this.pool = new RowPool(rows.layout);
  }

  add(window: WindowState, value: unknown): void {
    if (window.row >= 0) {
      this.rows.add(this.pool, window.row, value);
      return;
    }
    const row = this.pool.allocate();
    try {
      this.rows.add(this.pool, row, value);
    } catch (error) {
      this.pool.release(row);
      throw error;
    }
    window.row = row;
  }

  has(window: WindowState): boolean {
    return window.row >= 0;
  }

  read(window: WindowState): unknown {
    return this.rows.result(this.pool, window.row);
  }

  drop(window: WindowState): void {
    if (window.row >= 0) this.pool.release(window.row);
    window.row = -1;
  }

  move(into: WindowState, from: WindowState): void {
    if (from.row < 0) return;
    if (into.row < 0) into.row = from.row;
    else {
      this.rows.merge(this.pool, into.row, this.pool, from.row);
      this.pool.release(from.row);
    }
    from.row = -1;
  }

  toValue(window: WindowState): unknown {
    return window.row < 0 ? undefined : this.pool.cellsOf(window.row);
  }

  write(window: WindowState, output: ValueOutput): void {
    if (window.row < 0) output.value(undefined);
    else this.pool.writeCells(window.row, output);
  }

  restore(window: WindowState, value: unknown): void {
    if (value !== undefined) window.row = this.pool.restore(value as readonly unknown[]);
  }
}

/** All records, in order of arrival. */
export class ElementContents implements Contents {
  add(window: WindowState, value: unknown, timestampMs: number): void {
    const element = { value, timestampMs };
    if (window.elements === undefined) window.elements = [element];
    else window.elements.push(element);
  }

  has(window: WindowState): boolean {
    return window.elements !== undefined;
  }

  read(window: WindowState): unknown {
    return window.elements?.map((element) => element.value) ?? [];
  }

  drop(window: WindowState): void {
    window.elements = undefined;
  }

  move(into: WindowState, from: WindowState): void {
    if (from.elements === undefined) return;
    if (into.elements === undefined) into.elements = from.elements;
    else for (const element of from.elements) into.elements.push(element);
    from.elements = undefined;
  }

  toValue(window: WindowState): unknown {
    return window.elements?.map(({ value, timestampMs }) => [value, timestampMs]);
  }

  write(window: WindowState, output: ValueOutput): void {
    output.value(this.toValue(window));
  }

  restore(window: WindowState, value: unknown): void {
    if (value === undefined) return;
    const pairs = value as readonly (readonly [unknown, number])[];
    window.elements = pairs.map(([element, timestampMs]) => ({ value: element, timestampMs }));
  }
}

/** Aggregates over a list of records, computed at once: what windows with an evictor emit (R21). */
export function foldOf(rows: RowFunction): (elements: readonly WindowElement<unknown>[]) => unknown {
  return (elements) => {
    const pool = new RowPool(rows.layout);
    const row = pool.allocate();
    for (const { value } of elements) rows.add(pool, row, value);
    return rows.result(pool, row);
  };
}
