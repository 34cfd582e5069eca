import type { OriginalRecord } from '../model/index.ts';

/** Where the record that is being processed comes from; for errors and dead letters. */
export interface RecordOrigin {
  readonly source: string;
  readonly partition: string;
  readonly position: number;
  readonly value: unknown;
  /** The record as its source got it, where that keeps it. */
  readonly original?: OriginalRecord | undefined;
}

/** An operator that may hold output back. */
export interface Holder {
  /** Position in the graph's order. */
  readonly index: number;
  /** Emits at most 512 of the held results. Returns whether none is left. */
  resume(): boolean;
}

/**
 * The few facts that operators and the step loop share while a batch runs.
 *
 * `interrupted` is set while an operator holds output back; whoever is in the middle of emitting stops after the present
 * record and returns, so that the held output leaves first, from the last holder to the first.
 */
export class StepControl {
  interrupted = false;
  /** Set while a change of event time runs through the graph. */
  sweeping = false;
  /** Index of the furthest operator that wants its segment raised before another record comes; -1: none. */
  raisingIndex = -1;
  /**
   * Origin of the record in process; set by the pump and by operators that resume an earlier record. A view that moves
   * on with the pump: whoever keeps it takes a copy by `capture()`.
   */
  origin: RecordOrigin | undefined = undefined;
  private readonly holders: Holder[] = [];

  /** The holder furthest down the graph. */
  get last(): Holder | undefined {
    return this.holders.at(-1);
  }

  hold(holder: Holder): void {
    if (this.holders.includes(holder)) return;
    this.holders.push(holder);
    this.holders.sort((a, b) => a.index - b.index);
    this.interrupted = true;
  }

  release(holder: Holder): void {
    const at = this.holders.indexOf(holder);
    if (at >= 0) this.holders.splice(at, 1);
    this.updateInterrupted();
  }

  /**
   * Event time made in the middle of the graph has reached a timer: whoever emits stops after the present record. In a
   * sweep there is no need: it comes to that operator itself.
   */
  requestRaise(index: number): void {
    if (this.sweeping) return;
    if (index > this.raisingIndex) this.raisingIndex = index;
    this.interrupted = true;
  }

  /** What was requested is done. */
  raised(): void {
    this.raisingIndex = -1;
    this.updateInterrupted();
  }

  private updateInterrupted(): void {
    this.interrupted = this.holders.length > 0 || this.raisingIndex >= 0;
  }

  capture(): RecordOrigin | undefined {
    if (this.origin === undefined) return undefined;
    const { source, partition, position, value } = this.origin;
    return { source, partition, position, value };
  }

  /** Whether something behind `holder` must happen before it emits more: output is held back there, or time raised. */
  stoppedBehind(holder: Holder): boolean {
    const { last } = this;
    return (last !== undefined && last.index > holder.index) || this.raisingIndex > holder.index;
  }
}
