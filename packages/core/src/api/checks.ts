import { optionError } from '../errors/index.ts';
import type { AggregateSpec, Evictor, Sink, Trigger, WatermarkStrategy, WindowAssigner } from '../model/index.ts';

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

export function checkTag(method: string, tag: { readonly name: string }): void {
  if (typeof tag?.name !== 'string') throw optionError(method, tag, "a tag made by sideOutput('name')");
}

export function checkStrategy(where: string, strategy: WatermarkStrategy<never>): void {
  if (typeof strategy?.createGenerator === 'function') return;
  throw optionError(where, strategy, "a strategy such as boundedOutOfOrderness('5s', (r) => r.time)");
}

export function checkAssigner(windows: WindowAssigner<never>): void {
  if (typeof windows?.assign === 'function') return;
  throw optionError('window(...)', windows, "windows such as tumbling('5m')");
}

export function checkTrigger(trigger: Trigger<never>): void {
  const { onElement, onEventTime, onProcessingTime, clear } = Object(trigger) as Partial<Trigger<never>>;
  if ([onElement, onEventTime, onProcessingTime, clear].every((part) => typeof part === 'function')) return;
  throw optionError('trigger(...)', trigger, 'a trigger such as countTrigger(10)');
}

export function checkEvictor(evictor: Evictor<never>): void {
  const { evictBefore, evictAfter } = Object(evictor) as Partial<Evictor<never>>;
  if (typeof evictBefore === 'function' || typeof evictAfter === 'function') return;
  throw optionError('evictor(...)', evictor, 'an evictor such as countEvictor(100)');
}

/** A process function: `wanted` callbacks must be there, the others may. */
export function checkProcess(method: string, fn: object, wanted: readonly string[]): void {
  const callbacks = Object(fn) as Readonly<Record<string, unknown>>;
  for (const name of wanted) {
    if (typeof callbacks[name] !== 'function') throw optionError(`${name} of ${method}`, callbacks[name], 'a function');
  }
  checkStates(method, callbacks['state']);
  for (const name of ['onEventTimer', 'onProcessingTimer']) {
    if (callbacks[name] !== undefined) checkFunction(`${name} of ${method}`, callbacks[name]);
  }
}

/** States are made by descriptors; anything else would be found out only when the job runs. */
export function checkStates(method: string, states: unknown): void {
  for (const [name, descriptor] of Object.entries(Object(states ?? {}) as object)) {
    const kind = (Object(descriptor) as { readonly kind?: unknown }).kind;
    if (typeof kind !== 'string')
      throw optionError(`state.${name} of ${method}`, descriptor, 'a descriptor such as valueState()');
  }
}

export function checkCount(name: string, n: number): void {
  if (!Number.isSafeInteger(n) || n <= 0) throw optionError(name, n, 'a whole number above 0');
}
