import type { GraphNode, WindowNode } from '../graph/index.ts';
import { formatDuration } from '../internal/duration.ts';
import type { Plan, PlannedOperator } from './plan.ts';
import type { WindowPath } from './window-path.ts';

/** The plan as text for people: one line per operator. */
export function explain(plan: Plan): string {
  const names = new Map(plan.operators.map((operator) => [operator.node.id, operator.node.name]));
  const lines = [
    `dataflow '${plan.name}': ${plan.operators.length} operators, ${plan.segments.length} segments of event time`,
  ];
  for (const operator of plan.operators) lines.push(`  ${operator.index}. ${line(operator, names)}`);
  return `${lines.join('\n')}\n`;
}

function line(operator: PlannedOperator, names: ReadonlyMap<number, string>): string {
  const { node } = operator;
  const parts = [`${node.kind} '${node.name}'${detailsOf(node, operator.windowPath)}`];
  if (operator.inputs.length > 0) {
    const from = operator.inputs.map(
      ({ node: id, port }) => `${names.get(id)}${port === undefined ? '' : `[${port}]`}`,
    );
    parts.push(`reads ${from.join(', ')}`);
  }
  if (operator.keyedBy !== undefined) parts.push(`keyed by '${operator.keyedBy}'`);
  if (operator.stateId !== undefined) parts.push(`state '${operator.stateId}'`);
  parts.push(`segment ${operator.outputSegment}`);
  return parts.join('; ');
}

/** What matters of a node, in parentheses; empty where nothing does. */
export function detailsOf(node: GraphNode, path: WindowPath | undefined): string {
  switch (node.kind) {
    case 'source': {
      const extent = node.source.bounded ? 'bounded' : 'live';
      return ` (${node.source.kind}, ${extent}, ${node.watermarks?.describe ?? 'no timestamps'})`;
    }
    case 'assignTimestamps':
      return ` (${node.strategy.describe})`;
    case 'window':
      return ` (${windowParts(node).join(', ')}, ${path})`;
    case 'dedupe':
      return node.withinMs === undefined ? ' (for ever)' : ` (within ${formatDuration(node.withinMs)})`;
    case 'sink':
      return ` (${node.sink.kind})`;
    default:
      return '';
  }
}

function windowParts({ windows, trigger, evictor, allowedLatenessMs, late }: WindowNode): string[] {
  const parts = [windows.describe];
  if (trigger !== undefined) parts.push(trigger.describe);
  if (evictor !== undefined) parts.push(evictor.describe);
  if (allowedLatenessMs > 0) parts.push(`allowed lateness ${formatDuration(allowedLatenessMs)}`);
  if (late !== undefined) parts.push(`late to '${late.name}'`);
  return parts;
}
