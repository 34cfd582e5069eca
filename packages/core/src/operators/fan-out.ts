import type { Receiver } from '../model/index.ts';

/** Several consumers of one stream: each gets every record, in the order in which they were declared. */
export class FanOut<T> implements Receiver<T> {
  private readonly receivers: readonly Receiver<T>[];

  constructor(receivers: readonly Receiver<T>[]) {
    this.receivers = receivers;
  }

  process(value: T, timestampMs: number): void {
    const { receivers } = this;
    for (let i = 0; i < receivers.length; i++) (receivers[i] as Receiver<T>).process(value, timestampMs);
  }
}

const NOWHERE: Receiver<unknown> = { process() {} };

/** One receiver for any number of them. */
export function fanOut<T>(receivers: readonly Receiver<T>[]): Receiver<T> {
  if (receivers.length === 0) return NOWHERE;
  return receivers.length === 1 ? (receivers[0] as Receiver<T>) : new FanOut(receivers);
}
