import { describe, expect, it } from 'vitest';
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  memory,
  memorySink,
  sideOutput,
  tumbling,
  type MillraceError,
} from '../../src/index.ts';
import { validateGraph, type Graph, type GraphNode } from '../../src/graph/index.ts';

interface Row {
  readonly k: string;
  readonly t: number;
}
const rows = memory<Row>([]);
const watermarks = boundedOutOfOrderness('1s', (r: Row) => r.t);
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as MillraceError).code;
  }
  return undefined;
};

describe('graph validation', () => {
  it('a dataflow without source or sink is refused with the cure', () => {
    expect(() => dataflow('empty').explain()).toThrow(
      "Dataflow 'empty' has no source. Begin with .from(name, source).",
    );
    const flow = dataflow('f');
    flow.from('rows', rows);
    expect(() => flow.explain()).toThrow("Dataflow 'f' has no sink. End source 'rows' with .to(name, sink).");
  });

  it('a node that goes nowhere is refused by name', () => {
    const flow = dataflow('f');
    const stream = flow.from('rows', rows);
    stream.map((r) => r.t).named('times');
    stream.to('out', memorySink());
    expect(() => flow.explain()).toThrow("map 'times' goes nowhere. End it with .to(name, sink), or remove it.");
    const keyed = dataflow('g');
    const source = keyed.from('rows', rows);
    source.keyBy((r) => r.k);
    source.to('out', memorySink());
    expect(() => keyed.explain()).toThrow('Go on with .window(...)');
  });

  it('two nodes of one name are refused', () => {
    const flow = dataflow('f');
    flow.from('a', rows).to('x', memorySink());
    flow.from('b', rows).to('x', memorySink());
    expect(codeOf(() => flow.explain())).toBe('GRAPH_DUPLICATE_NAME');
  });

  it('an event-time window without timestamps is refused when types were switched off', () => {
    const flow = dataflow('f');
    flow
      .from('rows', rows)
      .keyBy((r) => r.k)
      .window(tumbling('1m') as never)
      .aggregate({ n: count() })
      .to('out', memorySink());
    expect(() => flow.explain()).toThrow(
      'is an event-time window, but its records have no timestamps. Give the source a watermark strategy',
    );
  });

  it('a union is timed only if all its inputs are', () => {
    const flow = dataflow('f');
    const timed = flow.from('timed', rows, { watermarks });
    const untimed = flow.from('untimed', rows) as unknown as typeof timed;
    timed.union(untimed).windowAll(tumbling('1m')).aggregate({ n: count() }).to('out', memorySink());
    expect(codeOf(() => flow.explain())).toBe('GRAPH_NO_TIMESTAMPS');
  });

  it('a late side output that nobody reads, and one that nobody writes, are refused', () => {
    const late = sideOutput<Row>('late');
    const unread = dataflow('f');
    unread
      .from('r', rows, { watermarks })
      .keyBy((r) => r.k)
      .window(tumbling('1m'))
      .lateTo(late)
      .aggregate({ n: count() })
      .to('o', memorySink());
    expect(() => unread.explain()).toThrow("side output 'late', which nobody reads");
    const unwritten = dataflow('g');
    const result = unwritten
      .from('r', rows, { watermarks })
      .keyBy((r) => r.k)
      .window(tumbling('1m'))
      .aggregate({ n: count() });
    result.to('o', memorySink());
    result.side(late).to('late', memorySink());
    expect(() => unwritten.explain()).toThrow("reads side output 'late' of window");
  });

  it('a circle, which only a graph made by hand can have, is refused with its path', () => {
    const fn = (value: never): unknown => value;
    const node = (id: number, name: string, input: number): GraphNode => ({
      id,
      name,
      named: true,
      kind: 'map',
      fn,
      inputs: [{ node: input, port: undefined }],
    });
    const source = dataflow('f');
    source.from('s', rows).to('o', memorySink());
    const [s, o] = source.graph().nodes as [GraphNode, GraphNode];
    const graph: Graph = { name: 'f', nodes: [s, o, node(2, 'a', 3), node(3, 'b', 2)] };
    expect(() => validateGraph(graph)).toThrow("map 'a' reads its own output: a -> b -> a");
  });

  it('a stream of another dataflow cannot be united', () => {
    const other = dataflow('other').from('rows', rows);
    expect(() => dataflow('f').from('rows', rows).union(other)).toThrow('a stream of the same dataflow');
  });

  it('the graph is frozen data and names follow the path from the source', () => {
    const flow = dataflow('f');
    const stream = flow.from('rows', rows);
    stream
      .map((r) => r.t)
      .filter((t) => t > 0)
      .to('a', memorySink());
    stream.map((r) => r.k).to('b', memorySink());
    const { nodes } = flow.graph();
    expect(nodes.map((n) => n.name)).toEqual(['rows', 'rows.map', 'rows.map.filter', 'a', 'rows.map-2', 'b']);
    expect(Object.isFrozen(nodes) && nodes.every((n) => Object.isFrozen(n))).toBe(true);
  });
});
