import type { Dataflow } from '../../api/index.ts';
import { optionError } from '../../errors/index.ts';
import type { Graph, GraphNode } from '../../graph/index.ts';
import { seededRandom } from '../../internal/seeded-random.ts';
import { deadLetter, type ErrorPolicy, type Sink } from '../../model/index.ts';
import { plan } from '../../plan/index.ts';
import { ndjson } from '../../platform/node/index.ts';
import { inBatchesOf } from '../limited-source.ts';
import { differencesOf, leftoversIn, RETAINED } from './compare.ts';
import { FAULTS, planFaults, type Aim } from './fault-plan.ts';
import type { OutsideSystem } from './outside-system.ts';
import { OUT, PROTOCOL_STEPS } from './protocol-steps.ts';
import { lineOf } from './line-of.ts';
import { Trial, type TrialOptions, type TrialResult } from './trial.ts';

/** Options of `simulate`. */
export interface SimulationOptions {
  /** The run is a function of it. */
  readonly seed: number;
  /** What may go wrong: of `FAULTS` and of the outside system's. Default: everything. */
  readonly faults?: readonly string[];
  /** What happens to records on which a function throws; its sink is modelled, too. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
  /** Files on the modelled disk, by path, for sources that read them. */
  readonly files?: Readonly<Record<string, string>>;
  /** A modelled system that sources and sinks of the dataflow talk to, such as a broker. */
  readonly outside?: OutsideSystem;
  /** Where crashes come: at steps of `PROTOCOL_STEPS` or of the outside system's. Default: anywhere. */
  readonly aims?: readonly Aim[];
}

/** What a simulated run came to. */
export interface SimulationReport {
  readonly seed: number;
  /** Records read, and checkpoints committed, by the run without faults. */
  readonly records: number;
  readonly commits: number;
  /** Processes that died. */
  readonly crashes: number;
  /** Whether one died after the first checkpoint was committed. */
  readonly crashedAfterCommit: boolean;
  /** How often each kind of fault took effect. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often a process died right before and right after each step of the commit protocol. */
  readonly steps: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** Lines that the run without faults has, and this one lacks. */
  readonly lost: number;
  /** Lines that are there more often than in the run without faults. */
  readonly duplicated: number;
  /** Lines that the run without faults does not have; output that changed; counters that differ; a run that hangs. */
  readonly wrong: number;
  /** The first of these, for people. */
  readonly problems: readonly string[];
}

/** Records per batch at most: many cuts are possible in little input. */
const BATCH_RECORDS_MAX = 8;

/**
 * Runs a bounded dataflow exactly-once on a modelled clock and a modelled disk, lets processes, power and disk fail as the
 * seed says, starts it again until it has finished, and compares its output with a run without faults.
 *
 * Each sink is replaced by files on the modelled disk unless it is the outside system's, each source read in small batches. The
 * disk's fault model stands in testing/simulation/disk.ts.
 *
 * @param flow only bounded sources; its results must not depend on the wall clock
 * @throws {MillraceError} as `flow.run()` does for a wrong program; `OPTION_INVALID`
 * @example
 * const { lost, duplicated, wrong, problems } = await simulate(flow, { seed: 1 });
 * if (lost + duplicated + wrong > 0) throw new Error(problems.join('\n'));
 */
export async function simulate(flow: Dataflow, options: SimulationOptions): Promise<SimulationReport> {
  const { seed, onError = 'fail', files = {}, outside } = options;
  const known = [...FAULTS, ...(outside?.faults ?? [])];
  const { faults = known } = options;
  if (!Number.isSafeInteger(seed)) throw optionError('seed of simulate()', seed, 'a whole number');
  const unknown = faults.find((fault) => !known.includes(fault));
  if (unknown !== undefined) throw optionError('faults of simulate()', unknown, known.join(', '));
  const random = seededRandom(seed);
  const batchRecords = 1 + Math.floor(random.next() * BATCH_RECORDS_MAX);
  const modelled = new ModelledSinks(random.next() < 0.3 ? 200 : 0, outside);
  const trial: TrialOptions = {
    plan: plan(modelledGraph(flow.graph(), batchRecords, modelled)),
    seed,
    onError: modelled.policy('job', onError),
    commitIntervalMs: 20 + Math.floor(random.next() * 200),
    snapshotIntervalMs: 100 + Math.floor(random.next() * 3_000),
    files,
    outside,
  };
  const straight = await new Trial(trial, []).run();
  const planned = planFaults(random, straight.trace, { allowed: faults, aims: options.aims ?? [] });
  const result = await new Trial(trial, planned).run();
  return reportOf(seed, straight, result, outside);
}

function reportOf(
  seed: number,
  straight: TrialResult,
  result: TrialResult,
  outside: OutsideSystem | undefined,
): SimulationReport {
  const steps = [...PROTOCOL_STEPS, ...(outside?.steps ?? [])];
  const { kinds, crashes, crashedAfterCommit } = result.counts;
  const { lost, duplicated, wrong, problems } = differencesOf(straight, result);
  // A process that was taken for dead may leave behind what nobody else may touch.
  const others = kinds.has('paused process') || kinds.has('second process');
  const leftovers = others ? [] : [...leftoversIn(result.disk, outside?.retained ?? RETAINED), ...result.leftovers];
  const all = [...straight.problems, ...result.problems, ...problems, ...leftovers];
  return {
    seed,
    records: recordsOf(straight),
    commits: straight.commits,
    crashes,
    crashedAfterCommit,
    faults: Object.fromEntries(kinds),
    steps: Object.fromEntries(steps.map((step) => [step, result.counts.steps.get(step) ?? { before: 0, after: 0 }])),
    lost,
    duplicated,
    wrong: wrong + all.length - problems.length,
    problems: all,
  };
}

function recordsOf({ metrics }: TrialResult): number {
  return (metrics?.operators ?? []).reduce((sum, { kind, in: read }) => (kind === 'source' ? sum + read : sum), 0);
}

/** Sinks on the modelled disk, one for each of the program's. */
class ModelledSinks {
  private readonly rollEvery: number;
  private readonly outside: OutsideSystem | undefined;
  private readonly known = new Map<unknown, Sink<unknown>>();

  constructor(rollEvery: number, outside: OutsideSystem | undefined) {
    this.rollEvery = rollEvery;
    this.outside = outside;
  }

  owns(connector: { readonly kind: string }): boolean {
    return this.outside?.owns(connector) === true;
  }

  sink(name: string): Sink<unknown> {
    return ndjson.sink(`${OUT}/${encodeURIComponent(name)}`, { encode: lineOf, rollEvery: this.rollEvery });
  }

  /** Sources that share a sink of dead letters still do. */
  policy(name: string, policy: ErrorPolicy): ErrorPolicy {
    if (policy === 'fail' || this.owns(policy.sink)) return policy;
    const sink = this.known.get(policy.sink) ?? this.sink(`dead letters of ${name}`);
    this.known.set(policy.sink, sink);
    return deadLetter(sink);
  }
}

function modelledGraph(graph: Graph, batchRecords: number, sinks: ModelledSinks): Graph {
  const alter = (node: GraphNode): GraphNode => {
    if (node.kind === 'sink' && sinks.owns(node.sink)) return node;
    if (node.kind === 'sink') return Object.freeze({ ...node, sink: sinks.sink(node.name) });
    if (node.kind !== 'source') return node;
    const source = inBatchesOf(batchRecords, node.source);
    return Object.freeze({ ...node, source: { ...source, onError: sinks.policy(node.name, source.onError) } });
  };
  return Object.freeze({ name: graph.name, nodes: Object.freeze(graph.nodes.map(alter)) });
}
