/**
 * Counts on where a job's own figure goes back: after a failure to that of its checkpoint, in a new process to that of the last
 * one. Prometheus takes a counter that falls for one that began at 0, and would see all of it happen at once.
 */
export class WorkCounter {
  private last: number;
  private total = 0;

  /** @param from the figure when this process began */
  constructor(from: number) {
    this.last = from;
  }

  at(value: number): number {
    if (value > this.last) this.total += value - this.last;
    this.last = value;
    return this.total;
  }
}
