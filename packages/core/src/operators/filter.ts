import type { OperatorMetrics } from '../metrics/index.ts';
import type { Receiver } from '../model/index.ts';
import { OperatorFailure } from './operator-failure.ts';

/** Lets a record on or drops it. */
export class FilterOperator implements Receiver<unknown> {
  private readonly name: string;
  private readonly fn: (value: unknown) => unknown;
  private readonly next: Receiver<unknown>;
  private readonly metrics: OperatorMetrics;

  constructor(name: string, fn: (value: unknown) => unknown, next: Receiver<unknown>, metrics: OperatorMetrics) {
    this.name = name;
    this.fn = fn;
    this.next = next;
    this.metrics = metrics;
  }

  process(value: unknown, timestampMs: number): void {
    this.metrics.in++;
    let keep: unknown;
    try {
      keep = this.fn(value);
    } catch (cause) {
      this.metrics.deadLettered++;
      throw new OperatorFailure({ operator: this.name, what: 'filter function', cause });
    }
    if (keep) {
      this.metrics.out++;
      this.next.process(value, timestampMs);
    } else this.metrics.filtered++;
  }
}
