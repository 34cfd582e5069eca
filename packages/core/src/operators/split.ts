import type { OperatorMetrics } from '../metrics/index.ts';
import type { Receiver } from '../model/index.ts';
import { OperatorFailure } from './operator-failure.ts';

/** Sends a record to one of two branches. A branch that nobody reads lets its records go; they count as filtered. */
export class SplitOperator implements Receiver<unknown> {
  private readonly name: string;
  private readonly fn: (value: unknown) => unknown;
  private readonly matched: Receiver<unknown> | undefined;
  private readonly rest: Receiver<unknown> | undefined;
  private readonly metrics: OperatorMetrics;

  constructor(
    name: string,
    fn: (value: unknown) => unknown,
    branches: readonly [matched: Receiver<unknown> | undefined, rest: Receiver<unknown> | undefined],
    metrics: OperatorMetrics,
  ) {
    this.name = name;
    this.fn = fn;
    [this.matched, this.rest] = branches;
    this.metrics = metrics;
  }

  process(value: unknown, timestampMs: number): void {
    this.metrics.in++;
    let matches: unknown;
    try {
      matches = this.fn(value);
    } catch (cause) {
      this.metrics.deadLettered++;
      throw new OperatorFailure({ operator: this.name, what: 'split function', cause });
    }
    const branch = matches ? this.matched : this.rest;
    if (branch === undefined) {
      this.metrics.filtered++;
      return;
    }
    this.metrics.out++;
    branch.process(value, timestampMs);
  }
}
