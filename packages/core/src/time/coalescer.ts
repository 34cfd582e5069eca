import { decodeTime, encodeTime, type EncodedTime } from './encoded-time.ts';

/** A coalescer as plain data. */
export interface CoalescerSnapshot {
  readonly watermark: EncodedTime;
  readonly inputs: readonly (readonly [watermark: EncodedTime, idle: boolean])[];
}

/**
 * Combines the watermarks of several inputs into one: the minimum over those that are not idle, never going back (R29).
 * An input that has not been heard from counts as -Infinity. Pure: no clock, no queue.
 *
 * The rule of Flink's combiner, for the partitions of a source and the inputs of an operator (R31): an input that comes
 * back is in the minimum at once; a watermark from an idle input is taken and ends its idleness. When all inputs are
 * idle the output is the maximum over all of them, and idle (R32, as after FLINK-40475).
 */
export class Coalescer {
  private readonly watermarks: number[] = [];
  private readonly idleInputs: boolean[] = [];
  private readonly removed = new Set<number>();
  /** The combined watermark. */
  watermark = -Infinity;
  /** Whether all inputs are idle. */
  idle = false;

  constructor(inputs: number) {
    for (let i = 0; i < inputs; i++) this.add();
  }

  get size(): number {
    return this.watermarks.length;
  }

  /** One more input, active and not heard from; counts from the next combination on. Returns its index. */
  add(): number {
    this.watermarks.push(-Infinity);
    this.idleInputs.push(false);
    return this.watermarks.length - 1;
  }

  /** An input has gone for good; from the next combination on it no longer counts. Its index is not used again. */
  remove(input: number): void {
    this.removed.add(input);
  }

  watermarkOf(input: number): number {
    return this.watermarks[input] as number;
  }

  isIdle(input: number): boolean {
    return this.idleInputs[input] as boolean;
  }

  /**
   * A watermark of one input; one that is not higher than its last changes nothing but its idleness.
   *
   * @returns whether it was higher
   */
  update(input: number, watermark: number): boolean {
    const higher = this.note(input, watermark);
    this.combine();
    return higher;
  }

  setIdle(input: number, idle: boolean): void {
    if (this.idleInputs[input] === idle) return;
    this.noteIdle(input, idle);
    this.combine();
  }

  /** As `update`, but nothing is combined yet: for inputs that are looked at together, now and then. */
  note(input: number, watermark: number): boolean {
    const higher = watermark > (this.watermarks[input] as number);
    if (higher) this.watermarks[input] = watermark;
    this.idleInputs[input] = false;
    return higher;
  }

  /** As `setIdle`, but nothing is combined yet. */
  noteIdle(input: number, idle: boolean): void {
    this.idleInputs[input] = idle;
  }

  /**
   * How far the output can come if only `input` moves: the minimum over the other active inputs, and not below the
   * present output. Lets a caller who feeds one input for a while do with one comparison per record.
   */
  ceilingFor(input: number): number {
    let minimum = Infinity;
    for (let i = 0; i < this.watermarks.length; i++) {
      if (i !== input && !this.idleInputs[i]) minimum = Math.min(minimum, this.watermarks[i] as number);
    }
    return minimum;
  }

  snapshot(): CoalescerSnapshot {
    return {
      watermark: encodeTime(this.watermark),
      inputs: this.watermarks.map((w, i) => [encodeTime(w), this.idleInputs[i] as boolean]),
    };
  }

  /** Idle marks are kept, the combined watermark never falls below that of the snapshot. */
  restore(snapshot: CoalescerSnapshot): void {
    snapshot.inputs.forEach(([watermark, idle], i) => {
      if (i === this.watermarks.length) this.add();
      this.watermarks[i] = decodeTime(watermark);
      this.idleInputs[i] = idle;
    });
    this.watermark = decodeTime(snapshot.watermark);
    this.combine();
  }

  /** Brings `watermark` and `idle` up to date. Without inputs nothing changes. */
  combine(): void {
    const { watermarks, idleInputs } = this;
    if (watermarks.length === this.removed.size) return;
    let minimum = Infinity;
    let maximum = -Infinity;
    let active = false;
    for (let i = 0; i < watermarks.length; i++) {
      if (this.removed.size > 0 && this.removed.has(i)) continue;
      const watermark = watermarks[i] as number;
      maximum = Math.max(maximum, watermark);
      if (idleInputs[i]) continue;
      active = true;
      minimum = Math.min(minimum, watermark);
    }
    this.idle = !active;
    this.watermark = Math.max(this.watermark, active ? minimum : maximum);
  }
}
