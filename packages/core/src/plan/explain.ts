import type { GraphNode } from '../graph/index.ts';
import { formatDuration } from '../internal/duration.ts';
import type { Plan, PlannedOperator } from './plan.ts';

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
  const parts = [`${node.kind} '${node.name}'${details(node)}`];
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

function details(node: GraphNode): string {
  switch (node.kind) {
    case 'source': {
      const extent = node.source.bounded ? 'bounded' : 'live';
      return ` (${node.source.kind}, ${extent}, ${node.watermarks?.describe ?? 'no timestamps'})`;
    }
    case 'window': {
      const offset = node.windows.offsetMs === 0 ? '' : `, offset ${formatDuration(node.windows.offsetMs)}`;
      const lateness =
        node.allowedLatenessMs === 0 ? '' : `, allowed lateness ${formatDuration(node.allowedLatenessMs)}`;
      const late = node.late === undefined ? '' : `, late to '${node.late.name}'`;
      return ` (tumbling ${formatDuration(node.windows.sizeMs)}${offset}${lateness}${late}, slices)`;
    }
    case 'sink':
      return ` (${node.sink.kind})`;
    default:
      return '';
  }
}
