import type { WindowNode } from '../graph/index.ts';
import type { AlignedWindows, LateExample, Receiver, Trigger, WindowAssigner, WindowResult } from '../model/index.ts';
import {
  rowFunctionOf,
  SliceWindowOperator,
  WindowOperator,
  type IncrementalCompute,
  type WindowOperatorOptions,
} from '../operators/index.ts';
import type { PlannedOperator } from '../plan/index.ts';
import { callable, commonOf } from './operator-parts.ts';
import type { Workbench } from './workbench.ts';

/** A window operator, on slices or per key, as the planner decided. */
export function createWindow(operator: PlannedOperator, node: WindowNode, bench: Workbench): Receiver<unknown> {
  const window =
    operator.windowPath === 'slices' ? createSlices(operator, node, bench) : createGeneral(operator, node, bench);
  bench.windows.set(node.id, window);
  bench.join(operator, window);
  return window;
}

function createSlices(operator: PlannedOperator, node: WindowNode, bench: Workbench): SliceWindowOperator {
  const { emission } = node;
  return new SliceWindowOperator({
    ...commonOf(operator, bench),
    ...lateness(node, bench),
    // The planner gives slices to aligned windows with accumulators and a projection only.
    windows: node.windows as unknown as AlignedWindows,
    keyOf: node.keyOf === undefined ? undefined : callable(node.keyOf),
    rows: rowFunctionOf(node.contents as IncrementalCompute, bench.context.compile),
    project:
      emission.kind === 'project'
        ? (emission.project as ((result: WindowResult<unknown, unknown>) => unknown) | undefined)
        : undefined,
  });
}

function createGeneral(operator: PlannedOperator, node: WindowNode, bench: Workbench): WindowOperator {
  const { contents, emission } = node;
  const window = new WindowOperator({
    ...commonOf(operator, bench),
    ...lateness(node, bench),
    // The windows, trigger and evictor were made for these records; the graph forgets their type.
    windows: node.windows as WindowAssigner<unknown>,
    trigger: node.trigger as Trigger<unknown> | undefined,
    evictor: node.evictor as WindowOperatorOptions['evictor'],
    keyOf: node.keyOf === undefined ? undefined : callable(node.keyOf),
    contents:
      contents.kind === 'elements'
        ? contents
        : { kind: 'rows', rows: rowFunctionOf(contents as IncrementalCompute, bench.context.compile) },
    emit: emission as WindowOperatorOptions['emit'],
  });
  bench.processingTimers.push(window);
  return window;
}

function lateness(node: WindowNode, bench: Workbench) {
  return {
    allowedLatenessMs: node.allowedLatenessMs,
    late: node.late === undefined ? undefined : bench.receiver(node.id, node.late.name),
    onFirstLate: (example: LateExample) => reportLate(node, bench, example),
  };
}

function reportLate(node: WindowNode, bench: Workbench, example: LateExample): void {
  const fate = node.late === undefined ? 'It is dropped' : `It goes to side output '${node.late.name}'`;
  bench.context.logger.warn(
    `first late record at '${node.name}': its timestamp is ${example.timestamp}, ` +
      `its window [${example.windowStart}, ${example.windowEnd}) was over ` +
      `when event time reached ${example.watermark}. ${fate}; further ones are only counted.`,
    { operator: node.name, ...example },
  );
}
