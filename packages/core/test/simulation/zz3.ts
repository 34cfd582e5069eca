import { seededRandom } from '../../src/testing.ts';
import { caseOf } from './cases.ts';
import { memoryCheckpoints } from '../../src/index.ts';
import { pipelineDriver, snapshotFromJson, snapshotToJson } from '../../src/testing.ts';
const made = caseOf(94, seededRandom(94), 200);
// alter sinks: collect
const lines = (rows: unknown[]) => rows.map((r) => JSON.stringify(r)).filter((l) => l.includes('"start":5000'));
const g = made.flow as any;
const sinkRows: unknown[] = [];
const graph = g.graph();
const wrapped = { name: graph.name, nodes: graph.nodes.map((n: any) => n.kind === 'sink' ? { ...n, sink: { kind: 'x', open: async () => ({ buffered: 0, write: (v: any) => sinkRows.push(v), ready: () => true, flush: async () => {}, finish: async () => {}, abort: async () => {} }) } } : n) };
const flow = { name: graph.name, graph: () => wrapped } as any;
for (const batchRecords of [1, 3, 7, 500]) {
  sinkRows.length = 0;
  const d = await pipelineDriver(flow, { batchRecords });
  const m = await d.runToEnd();
  console.log(batchRecords, lines(sinkRows), m.operators.map((o) => `${o.in}/${o.out}/${o.late}`).join(' '));
}
void memoryCheckpoints; void snapshotFromJson; void snapshotToJson;
