import { optionError } from '../errors/index.ts';
import type { Sink } from '../model/index.ts';

/** For programs without a type checker. */
export function checkFunction(method: string, fn: unknown): void {
  if (typeof fn !== 'function') throw optionError(`${method}(fn)`, fn, 'a function');
}

export function checkSink(name: string, sink: Sink<never>): void {
  if (typeof sink?.open !== 'function') {
    throw optionError(`sink of to('${name}', sink)`, sink, 'a sink such as ndjson.sink(dir) or memory.sink()');
  }
}
