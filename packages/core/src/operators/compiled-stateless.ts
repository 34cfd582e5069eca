import type { OperatorMetrics } from '../metrics/index.ts';
import type { FunctionCompiler, Receiver } from '../model/index.ts';
import { FilterOperator } from './filter.ts';
import { MapOperator } from './map.ts';
import { OperatorFailure } from './operator-failure.ts';

type UserFunction = (value: unknown) => unknown;

const PARAMETERS = ['fn', 'next', 'metrics', 'fail'];

const MAP = `return function process(value, timestampMs) {
  metrics.in++;
  let result;
  try { result = fn(value); } catch (cause) { fail(cause); }
  metrics.out++;
  next.process(result, timestampMs);
};`;

const FILTER = `return function process(value, timestampMs) {
  metrics.in++;
  let keep;
  try { keep = fn(value); } catch (cause) { fail(cause); }
  if (keep) {
    metrics.out++;
    next.process(value, timestampMs);
  } else metrics.filtered++;
};`;

/**
 * A `map` or `filter` whose `process` is a function of its own. Operators of one class share one piece of code, whose
 * calls of `fn` and of the next operator are then megamorphic; a piece of code per operator sees one target each, so that
 * V8 inlines the chain (measured: 5 operators take 35 instead of 75 ns per record).
 *
 * Does what `MapOperator` and `FilterOperator` do; these run where no code may be generated.
 */
export function statelessOperator(
  kind: 'map' | 'filter',
  name: string,
  fn: UserFunction,
  next: Receiver<unknown>,
  metrics: OperatorMetrics,
  compile: FunctionCompiler | undefined,
): Receiver<unknown> {
  const fail = (cause: unknown): never => {
    metrics.deadLettered++;
    throw new OperatorFailure({ operator: name, what: `${kind} function`, cause });
  };
  try {
    const process = compile?.(kind === 'map' ? MAP : FILTER, PARAMETERS)(fn, next, metrics, fail);
    // The source text above says what it returns.
    if (process !== undefined) return { process: process as Receiver<unknown>['process'] };
  } catch {
    // A page's policy may forbid generated code: nothing is lost but speed.
  }
  return kind === 'map' ? new MapOperator(name, fn, next, metrics) : new FilterOperator(name, fn, next, metrics);
}
