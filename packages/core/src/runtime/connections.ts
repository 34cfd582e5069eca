import type { SourceNode } from '../graph/index.ts';
import type { DeadLetter, ErrorPolicy, Position, Sink, SinkWriter, SourceReader } from '../model/index.ts';
import type { Plan } from '../plan/index.ts';
import type { Door } from './door.ts';
import type { Environment } from './environment.ts';
import type { TaskSnapshot } from './task-snapshot.ts';

/** All open sources and sinks of a job. */
export interface Connections {
  readonly readers: ReadonlyMap<SourceNode, SourceReader<unknown>>;
  /** Writers of the plan's sinks, by node id. */
  readonly writers: ReadonlyMap<number, SinkWriter<unknown>>;
  readonly deadLetters: ReadonlyMap<Sink<DeadLetter>, SinkWriter<DeadLetter>>;
  readonly allWriters: readonly SinkWriter<never>[];
  closeReaders(): Promise<void>;
}

/**
 * Opens all sinks, then all sources. If one cannot be opened, those that were are released again.
 *
 * @param restored snapshot whose positions the sources go on from
 */
export async function openConnections(
  plan: Plan,
  environment: Environment,
  door: Door,
  restored: TaskSnapshot | undefined,
): Promise<Connections> {
  const readers = new Map<SourceNode, SourceReader<unknown>>();
  const writers = new Map<number, SinkWriter<unknown>>();
  const deadLetters = new Map<Sink<DeadLetter>, SinkWriter<DeadLetter>>();
  const allWriters: SinkWriter<never>[] = [];
  const open = async <T>(name: string, sink: Sink<T>): Promise<SinkWriter<T>> => {
    const { clock, scheduler, logger } = environment;
    const writer = await sink.open({ name, partition: 0, wake: door.wake, clock, scheduler, logger });
    allWriters.push(writer);
    return writer;
  };
  let closed: Promise<unknown> | undefined;
  const closeReaders = async (): Promise<void> => {
    await (closed ??= Promise.all([...readers.values()].map((reader) => reader.close())));
  };
  try {
    for (const { node } of plan.operators) {
      // The sink takes what its stream carries: `to` checked that, the graph forgets the type.
      if (node.kind === 'sink') writers.set(node.id, (await open(node.name, node.sink)) as SinkWriter<unknown>);
    }
    for (const [name, policy] of policies(plan, environment)) {
      if (policy === 'fail' || deadLetters.has(policy.sink)) continue;
      deadLetters.set(policy.sink, await open(`dead letters of ${name}`, policy.sink));
    }
    for (const { node } of plan.operators) {
      if (node.kind === 'source') readers.set(node, await openSource(node, environment, door, restored));
    }
  } catch (error) {
    await Promise.allSettled([closeReaders(), ...allWriters.map((writer) => writer.abort())]);
    throw error;
  }
  return { readers, writers, deadLetters, allWriters, closeReaders };
}

function policies(plan: Plan, environment: Environment): readonly (readonly [name: string, policy: ErrorPolicy])[] {
  const ofSources = plan.operators.flatMap(({ node }) =>
    node.kind === 'source' ? [[node.name, node.source.onError] as const] : [],
  );
  return [...ofSources, [plan.name, environment.onError]];
}

function openSource(
  node: SourceNode,
  environment: Environment,
  door: Door,
  restored: TaskSnapshot | undefined,
): Promise<SourceReader<unknown>> {
  const saved = restored?.sources.find((source) => source.name === node.name);
  const positions = new Map<string, Position>();
  for (const { id, position } of saved?.partitions ?? []) if (position !== undefined) positions.set(id, position);
  const { clock, scheduler, random, logger } = environment;
  return node.source.open({ name: node.name, positions, wake: door.wake, clock, scheduler, random, logger });
}
