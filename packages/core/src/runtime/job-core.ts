import { invariant, MillraceError } from '../errors/index.ts';
import type { SourceNode } from '../graph/index.ts';
import { TaskMeters, type OperatorMetrics } from '../metrics/index.ts';
import type { CommittedPositions, OperatorReport, TaskMetrics } from '../model/index.ts';
import { fanOut, StepControl } from '../operators/index.ts';
import type { Plan } from '../plan/index.ts';
import { decodeTime, encodeTime, type CoalescerSnapshot } from '../time/index.ts';
import { buildOperators, type BuiltOperators } from './build-operators.ts';
import type { Door } from './door.ts';
import type { Environment } from './environment.ts';
import { Failures } from './failures.ts';
import type { Connections } from './connections.ts';
import type { Partition } from './partition.ts';
import { sourceReport } from './source-report.ts';
import { SourceTask } from './source-task.ts';
import { Task } from './task.ts';
import type { PartitionSnapshot, TaskProgress, TaskSnapshot } from './task-snapshot.ts';

/** How a plan is brought to life. */
interface CoreOptions {
  readonly tracking?: boolean;
  readonly meters?: TaskMeters;
}

/** A plan brought to life: its operators, its open connections, its task. */
export class JobCore {
  readonly task: Task;
  readonly sources: readonly SourceTask[];
  readonly built: BuiltOperators;
  private readonly meters: TaskMeters;
  private readonly plan: Plan;
  private readonly connections: Connections;

  /**
   * @param tracking whether changes of state are tracked, as checkpoints need it
   * @param meters what is measured over all attempts of a job
   */
  constructor(
    plan: Plan,
    connections: Connections,
    environment: Environment,
    door: Door,
    { tracking = false, meters = new TaskMeters(environment.clock, false) }: CoreOptions = {},
  ) {
    this.plan = plan;
    this.meters = meters;
    this.connections = connections;
    const { clock, logger, development } = environment;
    const control = new StepControl();
    const failures = new Failures(environment.onError, connections.deadLetters, clock);
    this.built = buildOperators(plan, {
      control,
      logger,
      clock,
      development,
      writers: connections.writers,
      compile: environment.compile,
      createState: (operatorId) => environment.createState(operatorId, tracking),
    });
    const { segments } = this.built;
    this.sources = [...connections.readers].map(([node, reader]) => {
      const planned = plan.operators.find((operator) => operator.node === node);
      const segment = segments[planned?.outputSegment as number];
      invariant(planned !== undefined && segment !== undefined, 'a source begins a segment');
      const receiver = this.built.receiver(node.id, undefined);
      const next = fanOut(receiver === undefined ? [] : [receiver]);
      const { index } = planned;
      const metrics = this.metricsOf(node);
      const meter = meters.source(node.name, node.source.measuresBytes ?? false);
      return new SourceTask({
        index,
        node,
        reader,
        segment,
        next,
        metrics,
        meter,
        control,
        failures,
        clock,
        development,
      });
    });
    const { joints, processingTimers, timeOrigins } = this.built;
    this.task = new Task({
      sources: this.sources,
      joints,
      processingTimers,
      timeOrigins,
      segments,
      writers: connections.allWriters,
      sinkMeters: [...connections.byName.keys()].map((name) => meters.sink(name)),
      control,
      failures,
      door,
      clock,
    });
  }

  metrics(): TaskMetrics {
    return {
      operators: this.plan.operators.map(({ node }): OperatorReport => {
        const metrics = this.metricsOf(node);
        const firstLate = this.built.windows.get(node.id)?.firstLate;
        const state = this.built.states.get(node.name)?.size;
        return {
          name: node.name,
          kind: node.kind,
          ...metrics.counts(),
          missing: metrics.missing,
          ...(state === undefined ? {} : { state }),
          ...(firstLate === undefined ? {} : { firstLate }),
        };
      }),
      sources: this.sources.map((source) => sourceReport(source, this.meters)),
      sinks: [...this.connections.byName].map(([name, { buffered }]) => {
        return { name, buffered, time: this.meters.sinkTime(name) };
      }),
    };
  }

  /** @throws MillraceError `INVARIANT` unless the task is quiet */
  snapshot(): TaskSnapshot {
    const operators = [...this.built.states].map(([name, state]) => ({ name, state: state.snapshot() }));
    return { version: 1, name: this.plan.name, ...this.progress(), operators };
  }

  /** @throws MillraceError `INVARIANT` unless the task is quiet */
  progress(): TaskProgress {
    invariant(this.task.quiet, 'a snapshot is taken where nothing is in flight');
    const { segments, coalescers } = this.built;
    return {
      sources: this.sources.map((source) => ({
        name: source.node.name,
        partitions: source.partitions.map(snapshotPartition),
        time: source.coalescer.snapshot(),
      })),
      segments: this.plan.segments.map(({ index, beginsAt }) => {
        const segment = segments[index];
        return { beginsAt, watermark: encodeTime(segment?.watermark ?? -Infinity), idle: segment?.idle ?? false };
      }),
      unions: [...coalescers].map(([name, coalescer]) => ({ name, time: coalescer.snapshot() })),
      metrics: this.plan.operators.map(({ node }) => ({ name: node.name, counts: this.metricsOf(node).counts() })),
    };
  }

  /** Where each source goes on. */
  positions(): readonly CommittedPositions[] {
    return this.sources.map(({ node, partitions }) => ({
      source: node.name,
      partitions: partitions.map(({ id, position }) => ({ id, position })),
    }));
  }

  /** Positions were handed to the sources when they were opened; this is all the rest. */
  restore(snapshot: TaskSnapshot): void {
    refuseForeign(this.plan, snapshot);
    for (const { name, state } of snapshot.operators) this.built.states.get(name)?.restore(state);
    this.resume(snapshot);
  }

  /** The state of the operators has been restored; this is the rest. */
  resume(snapshot: TaskProgress): void {
    for (const saved of snapshot.sources) {
      const source = this.sources.find((candidate) => candidate.node.name === saved.name);
      if (source === undefined) continue;
      for (const partition of saved.partitions) restorePartition(source, partition);
      source.coalescer.restore(timeOf(source, saved));
      // Active until it was caught up once: what came while the job was down must not be overtaken (semantics.md).
      for (let i = 0; i < source.partitions.length; i++) source.coalescer.setIdle(i, false);
    }
    snapshot.segments.forEach((saved, index) => {
      const segment = this.built.segments[index];
      if (segment === undefined) return;
      segment.watermark = decodeTime(saved.watermark);
      segment.idle = saved.idle && !this.sources.some((source) => source.segment === segment);
    });
    for (const { name, time } of snapshot.unions) this.built.coalescers.get(name)?.restore(time);
    for (const { name, counts } of snapshot.metrics) {
      const node = this.plan.operators.find((operator) => operator.node.name === name)?.node;
      if (node !== undefined) this.metricsOf(node).restore(counts);
    }
    this.task.announce();
  }

  close(): Promise<void> {
    return this.connections.closeReaders();
  }

  private metricsOf(node: { readonly id: number } | SourceNode): OperatorMetrics {
    return this.built.metrics.get(node.id) as OperatorMetrics;
  }
}

function snapshotPartition(partition: Partition): PartitionSnapshot {
  const { id, position, generator, watermark, highestTimestamp, turnLeft, ended } = partition;
  return {
    id,
    position,
    generator: encodeTime(generator?.snapshot() ?? -Infinity),
    watermark: encodeTime(watermark),
    highestTimestamp: encodeTime(highestTimestamp),
    turnLeft,
    ended,
  };
}

/** Inputs of a coalescer stand in the order of the partitions, which may be others now, or in another order. */
function timeOf(source: SourceTask, { partitions, time }: TaskProgress['sources'][number]): CoalescerSnapshot {
  const inputs = new Map(partitions.map(({ id }, index) => [id, time.inputs[index]]));
  return { ...time, inputs: source.partitions.map(({ id }) => inputs.get(id) ?? [encodeTime(-Infinity), false]) };
}

function restorePartition(source: SourceTask, saved: PartitionSnapshot): void {
  const partition = source.partitions.find((candidate) => candidate.id === saved.id);
  if (partition === undefined) {
    // What was read to its end may be gone; of the rest the source has to say so.
    if (saved.ended || source.gone.includes(saved.id)) return;
    throw new MillraceError('STATE_MISMATCH', {
      message:
        `Source '${source.node.name}' was in the middle of partition '${saved.id}' when the checkpoint was taken, and no longer ` +
        'has it. Give the source what it read before, or start over with fresh: true.',
      fields: { source: source.node.name, partition: saved.id },
    });
  }
  partition.position = saved.position;
  partition.generator?.restore(decodeTime(saved.generator));
  partition.watermark = decodeTime(saved.watermark);
  partition.highestTimestamp = decodeTime(saved.highestTimestamp);
  partition.turnLeft = saved.turnLeft;
  partition.ended = saved.ended;
}

function refuseForeign(plan: Plan, snapshot: TaskSnapshot): void {
  const known = new Set(plan.operators.map((operator) => operator.node.name));
  const unknown = [...snapshot.sources, ...snapshot.operators, ...snapshot.unions].find(
    (saved) => !known.has(saved.name),
  );
  if (snapshot.name === plan.name && unknown === undefined) return;
  throw new MillraceError('STATE_MISMATCH', {
    message:
      snapshot.name === plan.name
        ? `The snapshot holds state of '${unknown?.name}', which dataflow '${plan.name}' no longer has.`
        : `The snapshot is one of dataflow '${snapshot.name}', not of '${plan.name}'.`,
  });
}
