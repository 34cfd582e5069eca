import { optionError } from '../errors/index.ts';
import type { AggregateSpec, Sink } from '../model/index.ts';

/** For programs without a type checker. */
export function checkFunction(method: string, fn: unknown): void {
  if (typeof fn !== 'function') throw optionError(`${method}(fn)`, fn, 'a function');
}

export function checkSink(name: string, sink: Sink<never>): void {
  if (typeof sink?.open !== 'function') {
    throw optionError(`sink of to('${name}', sink)`, sink, 'a sink such as ndjson.sink(dir) or memory.sink()');
  }
}

export function checkSpec(spec: AggregateSpec<never>): void {
  if (typeof spec !== 'object' || spec === null || Object.keys(spec).length === 0) {
    throw optionError('aggregate({...})', spec, 'an object with at least one aggregate, such as { orders: count() }');
  }
  for (const [name, aggregate] of Object.entries(spec)) {
    const { create, add, merge, result } = Object(aggregate) as Partial<Record<string, unknown>>;
    if ([create, add, merge, result].every((part) => typeof part === 'function')) continue;
    throw optionError(
      `aggregate '${name}'`,
      aggregate,
      'an aggregate such as count() or { create, add, merge, result }',
    );
  }
}
