import type { Sink, SinkWriter } from '../model/index.ts';

/** Options of `consoleSink`. */
export interface ConsoleOptions<T> {
  /** Text of a record. Default: JSON. */
  readonly format?: (value: T) => string;
  /** Where lines go. Default: `console.log`. */
  readonly print?: (line: string) => void;
}

/**
 * Prints one line per record.
 *
 * @example rows.to('screen', consoleSink({ format: (r) => `${r.key}: ${r.value.orders}` }))
 */
export function consoleSink<T>(options: ConsoleOptions<T> = {}): Sink<T> {
  const { format = (value: T) => JSON.stringify(value), print = (line: string) => console.log(line) } = options;
  const writer: SinkWriter<T> = {
    buffered: 0,
    write: (value) => print(format(value)),
    ready: () => true,
    flush: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
  return Object.freeze({ kind: 'console', guarantee: 'at-least-once' as const, open: () => Promise.resolve(writer) });
}
