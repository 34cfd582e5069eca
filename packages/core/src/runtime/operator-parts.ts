import type { UserFunction } from '../graph/index.ts';
import type { Receiver } from '../model/index.ts';
import { fanOut } from '../operators/index.ts';
import type { PlannedOperator } from '../plan/index.ts';
import type { Segment } from '../time/index.ts';
import type { Workbench } from './workbench.ts';

/** Consumers of the main output. */
export function nextOf(operator: PlannedOperator, bench: Workbench): Receiver<unknown> {
  return fanOut([bench.receiver(operator.node.id, undefined)].filter((receiver) => receiver !== undefined));
}

/** What operators with state and event time have in common. */
export function commonOf(operator: PlannedOperator, bench: Workbench) {
  const { control, clock } = bench.context;
  return {
    name: operator.node.name,
    index: operator.index,
    input: bench.inputSegments(operator)[0] as Segment,
    output: bench.outputSegment(operator),
    next: nextOf(operator, bench),
    sideOf: (tag: string) => bench.receiver(operator.node.id, tag),
    state: bench.createState(operator),
    metrics: bench.metricsOf(operator),
    control,
    clock,
    development: bench.context.development,
  };
}

/** The program's functions were checked where the API took them; the graph forgets their types. */
export function callable(fn: UserFunction): (value: unknown) => unknown {
  return fn as (value: unknown) => unknown;
}
