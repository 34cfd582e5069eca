import { describe, expect, it } from 'vitest';
import { boundedOutOfOrderness, count, dataflow, memory, memorySink, sideOutput, tumbling } from '../../src/index.ts';
import { plan } from '../../src/plan/index.ts';

interface Row {
  readonly k: string;
  readonly t: number;
}
const watermarks = boundedOutOfOrderness('1s', (r: Row) => r.t);

function chained() {
  const flow = dataflow('chain');
  const late = sideOutput<Row>('late');
  const minutes = flow
    .from('rows', memory<Row>([]), { watermarks })
    .filter((r) => r.t > 0)
    .keyBy((r) => r.k)
    .window(tumbling('1m', { offset: '5s' }))
    .allowedLateness('10s')
    .lateTo(late)
    .aggregate({ n: count() }, (r) => ({ k: r.key, n: r.value.n }))
    .named('minutes');
  minutes.windowAll(tumbling('1m')).aggregate({ n: count() }).named('totals').to('out', memorySink());
  minutes.side(late).to('late', memorySink());
  return flow;
}

describe('planner', () => {
  it('cuts the graph into segments: a source and every window begin one', () => {
    const { segments, operators } = plan(chained().graph());
    expect(segments.map((s) => s.beginsAt)).toEqual(['rows', 'minutes', 'totals']);
    expect(operators.map((o) => [o.node.name, o.inputSegments, o.outputSegment, o.stateId])).toEqual([
      ['rows', [], 0, 'rows'],
      ['rows.filter', [0], 0, undefined],
      ['minutes', [0], 1, 'minutes'],
      ['totals', [1], 2, 'totals'],
      ['out', [2], 2, undefined],
      ['late', [1], 1, undefined],
    ]);
  });

  it('a union begins a segment only where its inputs are different ones', () => {
    const flow = dataflow('u');
    const a = flow.from('a', memory<Row>([]), { watermarks });
    const b = flow.from('b', memory<Row>([]), { watermarks });
    const [even, odd] = a.split((r) => r.t % 2 === 0);
    even.union(odd).named('same').union(b).named('different').to('out', memorySink());
    const stateIds = plan(flow.graph()).operators.map((o) => [o.node.name, o.stateId]);
    expect(stateIds).toContainEqual(['same', undefined]);
    expect(stateIds).toContainEqual(['different', 'different']);
  });

  it('is the same for the same program, and frozen', () => {
    const first = plan(chained().graph());
    expect(first.operators.map((o) => o.node.name)).toEqual(plan(chained().graph()).operators.map((o) => o.node.name));
    expect([first, first.operators, first.operators[0], first.segments].every((part) => Object.isFrozen(part))).toBe(
      true,
    );
  });

  it('explains itself with keys, state and segments', () => {
    const text = chained().explain();
    expect(text).toContain("dataflow 'chain': 6 operators, 3 segments of event time");
    expect(text).toContain("0. source 'rows' (memory, bounded, boundedOutOfOrderness(1s)); state 'rows'; segment 0");
    expect(text).toContain("window 'minutes' (tumbling(1m, offset 5s), allowed lateness 10s, late to 'late', slices)");
    expect(text).toContain("reads rows.filter; keyed by 'rows.filter.keyBy'; state 'minutes'; segment 1");
    expect(text).toContain("5. sink 'late' (memory); reads minutes[late]; segment 1");
  });

  it('draws itself as a Mermaid flowchart', () => {
    expect(chained().toMermaid()).toMatchInlineSnapshot(`
      "flowchart LR
        n0(["source: rows"])
        n1["filter: rows.filter"]
        n2["keyBy: rows.filter.keyBy"]
        n3[["window: minutes"]]
        n4[["window: totals"]]
        n5[("sink: out")]
        n6[("sink: late")]
        n0 --> n1
        n1 --> n2
        n2 --> n3
        n3 --> n4
        n4 --> n5
        n3 -->|late| n6
      "
    `);
  });
});
