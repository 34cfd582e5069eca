import type { Sink, SinkWriter } from 'millrace';

/** A sink that keeps nothing but hands every record to `take`. */
export function takingSink<T>(take: (value: T) => void): Sink<T> {
  const writer: SinkWriter<T> = {
    buffered: 0,
    write: take,
    ready: () => true,
    flush: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
  return { kind: 'digest', open: () => Promise.resolve(writer) };
}

/** Count and sum of numbers: equal for equal results in any order. */
export class Digest {
  private count = 0;
  private total = 0;

  add(value: number): void {
    this.count++;
    this.total += value;
  }

  toString(): string {
    return `${this.count} results, sum ${this.total}`;
  }
}
