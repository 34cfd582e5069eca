import type { AggregateSpec } from '../model/index.ts';

/** Whether all aggregates of a spec give the same whatever the order of adding and merging. */
export function orderInsensitive(spec: AggregateSpec<never>): boolean {
  return Object.values(spec).every((aggregate) => aggregate.orderInsensitive === true);
}
