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

  /** One more input, active and not heard from. Returns its index. */
  add(): number {
    this.watermarks.push(-Infinity);
    this.idleInputs.push(false);
    this.combine();
    return this.watermarks.length - 1;
  }

  watermarkOf(input: number): number {
    return this.watermarks[input] as number;
  }

  isIdle(input: number): boolean {
    return this.idleInputs[input] as boolean;
  }

  /** A watermark of one input; one that is not higher than its last changes nothing but its idleness. */
  update(input: number, watermark: number): void {
    if (watermark > (this.watermarks[input] as number)) this.watermarks[input] = watermark;
    this.idleInputs[input] = false;
    this.combine();
  }

  setIdle(input: number, idle: boolean): void {
    if (this.idleInputs[input] === idle) return;
    this.idleInputs[input] = idle;
    this.combine();
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

  private combine(): void {
    const { watermarks, idleInputs } = this;
    if (watermarks.length === 0) return;
    let minimum = Infinity;
    let maximum = -Infinity;
    let active = false;
    for (let i = 0; i < watermarks.length; i++) {
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
