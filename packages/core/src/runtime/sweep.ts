import type { Joint } from '../operators/index.ts';
import type { Segment } from '../time/index.ts';

/**
 * Carries a change of event time through the graph, from source to sink, one joint after the other. A joint whose input
 * changed is advanced until it is done, and only then does its output change and the next joint get its turn. So results
 * precede the watermark that caused them (R23), and two windows in a row lose nothing.
 */
export class Sweep {
  private readonly joints: readonly Joint[];
  private readonly segments: readonly Segment[];
  private at: number;

  /** @param joints from source to sink */
  constructor(joints: readonly Joint[], segments: readonly Segment[]) {
    this.joints = joints;
    this.segments = segments;
    this.at = joints.length;
  }

  get active(): boolean {
    return this.at < this.joints.length;
  }

  /** Brings numbers that lag behind up to date. To be called before a segment is raised: afterwards it would be too far. */
  sync(): void {
    for (const joint of this.joints) joint.sync();
  }

  /** Begins; the changed segments are marked. */
  start(): void {
    this.at = 0;
    if (this.joints.length === 0) this.end();
  }

  /** One call of one joint at most: emits at most 512 results. */
  step(): void {
    while (this.at < this.joints.length) {
      const joint = this.joints[this.at] as Joint;
      if (!joint.inputs.some((input) => input.changed)) {
        this.at++;
        continue;
      }
      if (!joint.advance()) return;
      this.at++;
      if (this.at < this.joints.length) return;
    }
    this.end();
  }

  /** Timers were registered or fired: every segment learns anew what it must stop for. */
  announce(): void {
    for (const segment of this.segments) segment.alert = Infinity;
    for (let i = this.joints.length - 1; i >= 0; i--) (this.joints[i] as Joint).announce();
  }

  private end(): void {
    for (const segment of this.segments) segment.changed = false;
    this.announce();
  }
}
