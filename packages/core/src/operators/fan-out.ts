import type { Receiver } from '../model/index.ts';
import { OperatorFailure } from './operator-failure.ts';

/** Several consumers of one stream: each gets every record, in the order in which they were declared,
 * also if one of them fails on it; the first failure is then reported. */
export class FanOut<T> implements Receiver<T> {
  private readonly receivers: readonly Receiver<T>[];

  constructor(receivers: readonly Receiver<T>[]) {
    this.receivers = receivers;
  }

  process(value: T, timestampMs: number): void {
    const { receivers } = this;
    let failure: OperatorFailure | undefined;
    for (let i = 0; i < receivers.length; i++) {
      try {
        (receivers[i] as Receiver<T>).process(value, timestampMs);
      } catch (thrown) {
        if (!(thrown instanceof OperatorFailure)) throw thrown;
        failure ??= thrown;
      }
    }
    if (failure !== undefined) throw failure;
  }
}

const NOWHERE: Receiver<unknown> = { process() {} };

/** One receiver for any number of them. */
export function fanOut<T>(receivers: readonly Receiver<T>[]): Receiver<T> {
  if (receivers.length === 0) return NOWHERE;
  return receivers.length === 1 ? (receivers[0] as Receiver<T>) : new FanOut(receivers);
}
