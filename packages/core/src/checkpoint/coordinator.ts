import { invariant } from '../errors/index.ts';
import type {
  CheckpointName,
  CheckpointStore,
  CommittedPositions,
  Clock,
  Committed,
  CutKind,
  EntryOutput,
  JsonValue,
  Scheduler,
  StateCut,
  OperatorStateSize,
} from '../model/index.ts';
import { KEY_GROUPS } from '../state/index.ts';
import { encodeManifest, MANIFEST_FORMAT, type Manifest, type OperatorPart } from './manifest.ts';
import { discardOthers, type RestoredJob } from './recovery.ts';
import { SegmentBuilder } from './segment-builder.ts';
import type { SegmentInfo, StateName } from './segment-format.ts';
import { StateWriter } from './state-writer.ts';

/** A sink in the eyes of the coordinator: by transaction, or flushed before each commit. */
export interface CommittingSink {
  readonly name: string;
  cut(name: CheckpointName, last: boolean): void;
  prepare(name: CheckpointName): Promise<JsonValue>;
  commit(committed: Committed): Promise<void>;
}

/** Keyed state of one operator. */
export interface CutOperator {
  readonly id: string;
  readonly entryStates: readonly string[];
  readonly size: OperatorStateSize;
  cut(kind: CutKind, outputOf: (state: string) => EntryOutput): StateCut;
}

/** What is committed: the task as the coordinator sees it. */
export interface CommitSubject {
  readonly job: string;
  readonly plan: Readonly<Record<string, string>>;
  readonly operators: readonly CutOperator[];
  readonly sinks: readonly CommittingSink[];
  /** Positions, event time, counters. */
  snapshotTask(): JsonValue;
  /** Where the sources go on. */
  positions(): readonly CommittedPositions[];
  /** Calls `action` at the next moment at which nothing is in flight, at once if the task has ended. */
  atQuiet<T>(action: () => T): Promise<T>;
  /** How long the job has run, over all its starts; milliseconds. */
  runMs(): number;
}

/** What the coordinator works with. */
export interface CoordinatorOptions {
  readonly store: CheckpointStore;
  readonly retained: number;
  readonly attempt: string;
  /** A full snapshot replaces the chain of deltas after this long, milliseconds. */
  readonly snapshotIntervalMs: number;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/** What a commit came to. */
export interface CommitOutcome {
  readonly name: CheckpointName;
  readonly kind: CutKind;
  readonly bytes: number;
  readonly entries: number;
}

/** A chain of deltas that has grown to this multiple of its full snapshot is replaced: it would only cost at recovery. */
const CHAIN_BYTES_FACTOR = 2;
/** Segments of a chain at most: each is a file to open at recovery. */
const CHAIN_LENGTH_MAX = 200;

/**
 * Takes one task from commit to commit. All steps of commit N, in order; nothing of N + 1 begins before the last one:
 *
 *   cut           between two batches: epochs of state and of sinks are raised, at once
 *   prepare       sinks make their output durable, not visible     } while records of N + 1 are being processed
 *   state         dirty entries are walked into a segment file     }
 *   manifest      names all of it; durable
 *   commit point  `commitPoint.commit`: from here on N is the truth
 *   commit        sinks publish
 *   discard       what no retained manifest names goes
 *
 * If a step fails, the coordinator is done for: whoever made it rolls the task back and makes another one.
 */
export class Coordinator {
  private readonly subject: CommitSubject;
  private readonly o: CoordinatorOptions;
  private nextId: number;
  private chain: readonly SegmentInfo[];
  private lastFullMs: number;
  private kept: readonly Manifest[];
  private readonly writer: StateWriter;
  private underway = false;

  constructor(subject: CommitSubject, options: CoordinatorOptions, restored: RestoredJob) {
    this.subject = subject;
    this.o = options;
    this.nextId = restored.highestId + 1;
    this.chain = restored.manifest?.chain ?? [];
    this.kept = restored.kept;
    this.lastFullMs = options.clock.monotonic();
    this.writer = new StateWriter(options.clock, options.scheduler);
  }

  /**
   * One commit.
   *
   * @param end whether the job ends with it: for now (`stopped`), or for good
   */
  async commit(end?: 'stopped' | 'finished'): Promise<CommitOutcome> {
    invariant(!this.underway, 'one commit at a time');
    this.underway = true;
    const { subject } = this;
    const name: CheckpointName = { id: this.nextId, attempt: this.o.attempt };
    const kind = this.nextKind();
    const cut = await subject.atQuiet(() => this.cut(name, kind, end !== undefined));
    const preparing = Promise.all(
      subject.sinks.map(async (sink) => ({ sink: sink.name, value: await sink.prepare(name) })),
    );
    const writing = this.writer.write(cut.states, cut.builder, cut.pieces, () => this.o.store.createSegment(name));
    const [committables, file] = await bothOrFirstError(preparing, writing, () => this.writer.abort());
    const segments = file === undefined ? [] : [{ kind, ...file }];
    const manifest: Manifest = {
      format: MANIFEST_FORMAT,
      job: subject.job,
      ...name,
      ...cut.facts,
      finished: end === 'finished',
      chain: kind === 'full' ? segments : [...this.chain, ...segments],
      committables,
    };
    await this.publish(manifest, cut.positions);
    if (kind === 'full') this.lastFullMs = this.o.clock.monotonic();
    this.chain = manifest.chain;
    this.nextId++;
    this.underway = false;
    return { name, kind, bytes: file?.bytes ?? 0, entries: file?.entries ?? 0 };
  }

  /** The task has failed: nothing further is written. */
  abort(): void {
    this.writer.abort();
  }

  /** From the manifest on: the acts whose order exactly-once rests on. */
  private async publish(manifest: Manifest, positions: readonly CommittedPositions[]): Promise<void> {
    const { store } = this.o;
    const { id, attempt } = manifest;
    const { bytes, digest } = encodeManifest(manifest);
    await store.writeManifest({ id, attempt }, bytes);
    await store.commitPoint.commit({ id, attempt, digest }, positions);
    await Promise.all(
      this.subject.sinks.map((sink, i) =>
        sink.commit({ name: { id, attempt }, committable: manifest.committables[i]?.value ?? null }),
      ),
    );
    this.kept = [manifest, ...this.kept].slice(0, this.o.retained);
    await discardOthers(store, this.kept, id);
  }

  /** The cut: everything here happens in one go, between two batches. */
  private cut(name: CheckpointName, kind: CutKind, last: boolean) {
    const { subject } = this;
    const states: StateCut[] = [];
    const operators: OperatorPart[] = [];
    const names = subject.operators.flatMap(({ id, entryStates }) =>
      entryStates.map((state): StateName => [id, state]),
    );
    const pieces: Uint8Array[] = [];
    const builder = new SegmentBuilder(names, this.writer.buffers, (piece) => pieces.push(piece));
    for (const operator of subject.operators) {
      const { id, size } = operator;
      const cut = operator.cut(kind, (state) => builder.output([id, state]));
      states.push(cut);
      operators.push({ id, small: cut.small, size });
    }
    const task = subject.snapshotTask();
    const positions = subject.positions();
    for (const sink of subject.sinks) sink.cut(name, last);
    const facts = {
      createdAt: this.o.clock.now(),
      keyGroups: KEY_GROUPS,
      plan: subject.plan,
      task,
      operators,
      inFlight: [],
      runMs: subject.runMs(),
    };
    return { states, builder, pieces, facts, positions };
  }

  private nextKind(): CutKind {
    const [full] = this.chain;
    // Nothing to build upon: the chain is empty, so a delta from the very beginning is all there is.
    if (full === undefined) return 'full';
    const bytes = this.chain.reduce((sum, segment) => sum + segment.bytes, 0);
    const old = this.o.clock.monotonic() - this.lastFullMs >= this.o.snapshotIntervalMs;
    return old || bytes > (CHAIN_BYTES_FACTOR + 1) * full.bytes || this.chain.length >= CHAIN_LENGTH_MAX
      ? 'full'
      : 'delta';
  }
}

/** Both results; at the first error the other work is called off and waited for. */
async function bothOrFirstError<A, B>(a: Promise<A>, b: Promise<B>, callOff: () => void): Promise<[A, B]> {
  try {
    return await Promise.all([a, b]);
  } catch (error) {
    callOff();
    await Promise.allSettled([a, b]);
    throw error;
  }
}
