import type { SourceNode } from '../graph/index.ts';
import type {
  DeadLetter,
  ErrorPolicy,
  Guarantee,
  Position,
  Sink,
  SinkContext,
  SinkWriter,
  SourceReader,
} from '../model/index.ts';
import type { Plan } from '../plan/index.ts';
import type { Door } from './door.ts';
import type { Environment } from './environment.ts';
import { HeldWriter } from './held-writer.ts';
import { requireTransaction } from './require-transaction.ts';
import type { SavedPositions } from './task-snapshot.ts';

/** All open sinks of a job. */
export interface OpenSinks {
  /** Writers of the plan's sinks, by node id. */
  readonly writers: ReadonlyMap<number, SinkWriter<unknown>>;
  readonly deadLetters: ReadonlyMap<Sink<DeadLetter>, SinkWriter<DeadLetter>>;
  /** All of them, by the name under which a checkpoint knows them. */
  readonly byName: ReadonlyMap<string, SinkWriter<never>>;
  readonly allWriters: readonly SinkWriter<never>[];
}

/** All open sources and sinks of a job. */
export interface Connections extends OpenSinks {
  readonly readers: ReadonlyMap<SourceNode, SourceReader<unknown>>;
  closeReaders(): Promise<void>;
}

/** How sinks are opened for a job with checkpoints. */
export interface SinkMode {
  readonly guarantee: Guarantee;
  readonly requestCommit: () => void;
}

/**
 * Opens all sinks, then all sources. If one cannot be opened, those that were are released again.
 *
 * @param restored positions that the sources go on from
 * @param mode `undefined`: the job has no checkpoints
 */
export async function openConnections(
  plan: Plan,
  environment: Environment,
  door: Door,
  restored: SavedPositions | undefined,
  mode?: SinkMode,
): Promise<Connections> {
  const readers = new Map<SourceNode, SourceReader<unknown>>();
  let closed: Promise<unknown> | undefined;
  const closeReaders = async (): Promise<void> => {
    await (closed ??= Promise.all([...readers.values()].map((reader) => reader.close())));
  };
  const sinks = await openSinks(plan, environment, door, mode);
  try {
    for (const { node } of plan.operators) {
      if (node.kind === 'source') readers.set(node, await openSource(node, environment, door, restored, mode));
    }
  } catch (error) {
    await Promise.allSettled([closeReaders(), ...sinks.allWriters.map((writer) => writer.abort())]);
    throw error;
  }
  return { ...sinks, readers, closeReaders };
}

/** Opens all sinks. If one cannot be opened, those that were are released again. */
export async function openSinks(plan: Plan, environment: Environment, door: Door, mode?: SinkMode): Promise<OpenSinks> {
  const writers = new Map<number, SinkWriter<unknown>>();
  const deadLetters = new Map<Sink<DeadLetter>, SinkWriter<DeadLetter>>();
  const byName = new Map<string, SinkWriter<never>>();
  const open = async <T>(name: string, sink: Sink<T>): Promise<SinkWriter<T>> => {
    const opened = await sink.open(sinkContext(name, environment, door, mode));
    const held = mode?.guarantee === 'at-most-once' && opened.transaction === undefined;
    const writer = held ? new HeldWriter(opened, mode.requestCommit) : opened;
    byName.set(name, writer);
    if (mode?.guarantee === 'exactly-once') requireTransaction(name, sink, opened);
    return writer;
  };
  try {
    for (const { name, node, sink } of sinksOf(plan, environment)) {
      // The sink takes what its stream carries: `to` checked that, the graph forgets the type.
      if (node !== undefined) writers.set(node, (await open(name, sink)) as SinkWriter<unknown>);
      else if (!deadLetters.has(sink as Sink<DeadLetter>))
        deadLetters.set(sink as Sink<DeadLetter>, await open(name, sink as Sink<DeadLetter>));
    }
  } catch (error) {
    await Promise.allSettled([...byName.values()].map((writer) => writer.abort()));
    throw error;
  }
  return { writers, deadLetters, byName, allWriters: [...byName.values()] };
}

/** A sink of a plan, or one that only takes dead letters (`node` is `undefined`). */
export interface PlannedSink {
  readonly name: string;
  readonly node: number | undefined;
  readonly sink: Sink<never>;
}

/** Every sink a job writes to, each once. */
export function sinksOf(plan: Plan, { onError }: { readonly onError: ErrorPolicy }): readonly PlannedSink[] {
  const sinks: PlannedSink[] = [];
  for (const { node } of plan.operators) {
    if (node.kind === 'sink') sinks.push({ name: node.name, node: node.id, sink: node.sink });
  }
  const policies = plan.operators.flatMap(({ node }) =>
    node.kind === 'source' ? [[node.name, node.source.onError] as const] : [],
  );
  for (const [name, policy] of [...policies, [plan.name, onError] as const]) {
    if (policy === 'fail' || sinks.some(({ node, sink }) => node === undefined && sink === policy.sink)) continue;
    sinks.push({ name: `dead letters of ${name}`, node: undefined, sink: policy.sink });
  }
  return sinks;
}

function sinkContext(name: string, environment: Environment, door: Door, mode: SinkMode | undefined): SinkContext {
  const { clock, scheduler, logger, resources, machine, guards } = environment;
  return {
    name,
    partition: 0,
    wake: door.wake,
    clock,
    scheduler,
    logger,
    transactional: mode !== undefined,
    ...(mode === undefined ? {} : { requestCommit: mode.requestCommit, guarantee: mode.guarantee }),
    ...(resources === undefined ? {} : { resources }),
    ...(machine === undefined ? {} : { machine }),
    ...(guards === undefined ? {} : { guard: guards.report }),
  };
}

function openSource(
  node: SourceNode,
  environment: Environment,
  door: Door,
  restored: SavedPositions | undefined,
  mode: SinkMode | undefined,
): Promise<SourceReader<unknown>> {
  const saved = restored?.sources.find((source) => source.name === node.name);
  const positions = new Map<string, Position>();
  for (const { id, position } of saved?.partitions ?? []) if (position !== undefined) positions.set(id, position);
  const { clock, scheduler, random, logger, resources, machine, guards } = environment;
  return node.source.open({
    name: node.name,
    positions,
    wake: door.wake,
    clock,
    scheduler,
    random,
    logger,
    ...(mode === undefined ? {} : { requestCommit: mode.requestCommit }),
    ...(resources === undefined ? {} : { resources }),
    ...(machine === undefined ? {} : { machine }),
    ...(guards === undefined ? {} : { guard: guards.report }),
  });
}
