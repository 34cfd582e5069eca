import { MillraceError, optionError } from '../errors/index.ts';
import type { Graph, GraphNode, NodeId, NodeInput } from './nodes.ts';

type Draft<N> = N extends GraphNode ? Omit<N, 'id' | 'name' | 'named'> & { readonly name?: string } : never;

/** A node as the fluent API hands it over: without id, and with a name only where the program gave one. */
export type NodeDraft = Draft<GraphNode>;

/** Collects the nodes of a program. Only appends; `build` hands out frozen data. */
export class GraphBuilder {
  readonly name: string;
  private readonly nodes: GraphNode[] = [];

  constructor(name: string) {
    if (typeof name !== 'string' || name.trim() === '')
      throw optionError('name of dataflow()', name, 'a text that is not empty');
    this.name = name;
  }

  add(draft: NodeDraft): NodeId {
    const id = this.nodes.length;
    if (draft.name !== undefined) checkName(draft.name);
    const name = draft.name ?? this.derivedName(draft);
    // The spread keeps the members of the union together; TypeScript cannot see that.
    this.nodes.push(Object.freeze({ ...draft, id, name, named: draft.name !== undefined }) as GraphNode);
    return id;
  }

  rename(id: NodeId, name: string): void {
    checkName(name);
    const node = this.nodes[id] as GraphNode;
    if (node.kind === 'source' || node.kind === 'sink') {
      throw new MillraceError('GRAPH_INVALID', {
        message: `${node.kind} '${node.name}' has its name already; .named('${name}') is for what stands between source and sink.`,
      });
    }
    this.nodes[id] = Object.freeze({ ...node, name, named: true });
  }

  build(): Graph {
    return Object.freeze({ name: this.name, nodes: Object.freeze([...this.nodes]) });
  }

  /**
   * Path from the source, such as `orders.keyBy.window`, so that inserting an operator elsewhere changes no name; a
   * number is added only where two nodes of one kind follow the same node.
   */
  private derivedName(draft: NodeDraft): string {
    const base = `${this.inputName(draft.inputs[0])}.${draft.kind}`;
    const taken = new Set(this.nodes.map((node) => node.name));
    if (!taken.has(base)) return base;
    for (let n = 2; ; n++) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
  }

  private inputName(input: NodeInput | undefined): string {
    if (input === undefined) return this.name;
    const name = this.nodes[input.node]?.name ?? '?';
    return input.port === undefined ? name : `${name}[${input.port}]`;
  }
}

function checkName(name: string): void {
  if (typeof name !== 'string' || name.trim() === '') throw optionError('name', name, 'a text that is not empty');
}
