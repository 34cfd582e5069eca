import { Deque } from '../internal/deque.ts';
import type { OperatorMetrics } from '../metrics/index.ts';
import type { Receiver } from '../model/index.ts';
import { OperatorFailure } from './operator-failure.ts';
import { RESULTS_PER_STEP } from './results-per-step.ts';
import type { Holder, RecordOrigin, StepControl } from './step-control.ts';

/** Results of one record that are still to come. */
interface Expansion {
  readonly results: Iterator<unknown>;
  readonly timestampMs: number;
  readonly origin: RecordOrigin | undefined;
}

/**
 * Any number of records out for each record in. An array is passed on at once; of any other iterable at most 512 results,
 * the rest is held and drained by the step loop, so an endless generator starves nobody and memory stays flat.
 */
export class FlatMapOperator implements Receiver<unknown>, Holder {
  /** Position in the graph's order: what is held further down must leave first. */
  readonly index: number;
  private readonly name: string;
  private readonly fn: (value: unknown) => Iterable<unknown>;
  private readonly next: Receiver<unknown>;
  private readonly metrics: OperatorMetrics;
  private readonly control: StepControl;
  private readonly held = new Deque<Expansion>();

  constructor(
    name: string,
    fn: (value: unknown) => Iterable<unknown>,
    next: Receiver<unknown>,
    context: { readonly index: number; readonly metrics: OperatorMetrics; readonly control: StepControl },
  ) {
    this.name = name;
    this.fn = fn;
    this.next = next;
    this.index = context.index;
    this.metrics = context.metrics;
    this.control = context.control;
  }

  process(value: unknown, timestampMs: number): void {
    this.metrics.in++;
    const results = this.expand(value);
    if (Array.isArray(results) && this.held.length === 0) {
      this.metrics.absorbed++;
      this.emitAll(results, timestampMs);
      return;
    }
    this.held.push({ results: results[Symbol.iterator](), timestampMs, origin: this.control.capture() });
    this.metrics.buffered++;
    // Held first, so that nothing is forgotten if a function behind this operator throws.
    this.control.hold(this);
    if (this.held.length === 1) this.resume();
  }

  /** If an operator behind this one throws on a result, those after it are held, as an iterator's are. */
  private emitAll(results: readonly unknown[], timestampMs: number): void {
    let done = 0;
    try {
      while (done < results.length) {
        this.metrics.out++;
        this.next.process(results[done++], timestampMs);
      }
    } catch (error) {
      if (done < results.length) {
        const rest = results.slice(done)[Symbol.iterator]();
        this.held.push({ results: rest, timestampMs, origin: this.control.capture() });
        this.metrics.absorbed--;
        this.metrics.buffered++;
        this.control.hold(this);
      }
      throw error;
    }
  }

  resume(): boolean {
    const { control } = this;
    const { origin } = control;
    let budget = RESULTS_PER_STEP;
    for (let expansion = this.held.peek(); expansion !== undefined; expansion = this.held.peek()) {
      control.origin = expansion.origin;
      for (;;) {
        if (budget-- <= 0) return false;
        const next = this.nextOf(expansion);
        if (next.done === true) break;
        this.metrics.out++;
        this.next.process(next.value, expansion.timestampMs);
        if (control.stoppedBehind(this)) return false;
      }
      this.drop(1, 0);
    }
    control.origin = origin;
    control.release(this);
    return true;
  }

  private expand(value: unknown): Iterable<unknown> {
    try {
      const results = this.fn(value);
      if (typeof results?.[Symbol.iterator] === 'function' && typeof results !== 'string') return results;
      throw new TypeError(`it returned ${String(results)}, but must return an array or another iterable`);
    } catch (cause) {
      this.metrics.deadLettered++;
      throw new OperatorFailure({ operator: this.name, what: 'flatMap function', cause });
    }
  }

  private nextOf(expansion: Expansion): IteratorResult<unknown> {
    try {
      return expansion.results.next();
    } catch (cause) {
      this.drop(0, 1);
      throw new OperatorFailure({ operator: this.name, what: 'flatMap iterator', cause });
    }
  }

  private drop(absorbed: 0 | 1, deadLettered: 0 | 1): void {
    this.held.shift();
    this.metrics.buffered--;
    this.metrics.absorbed += absorbed;
    this.metrics.deadLettered += deadLettered;
  }
}
