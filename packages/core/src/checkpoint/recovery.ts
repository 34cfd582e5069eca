import { messageOf, MillraceError } from '../errors/index.ts';
import type { CheckpointStore, Clock, CommitRecord, JobEvent, StateBackend } from '../model/index.ts';
import { decodeManifest, type Manifest } from './manifest.ts';
import type { SegmentInfo } from './segment-format.ts';
import { readSegment } from './segment-reader.ts';

/** Between two events of progress. */
const PROGRESS_MS = 100;

/** What a job goes on from. */
export interface RestoredJob {
  /** `undefined`: nothing was committed yet. */
  readonly manifest: Manifest | undefined;
  /** Manifests that are kept, newest first. */
  readonly kept: readonly Manifest[];
  /** Highest number ever committed; 0: none. */
  readonly highestId: number;
}

/**
 * Reads what the commit point says is the truth.
 *
 * @param from id of an older checkpoint to go back to; `undefined`: the last one
 * @throws MillraceError `CHECKPOINT_...` naming the file; an older checkpoint that can be read is named, never taken silently
 */
export async function readCheckpoint(store: CheckpointStore, job: string, from?: number): Promise<RestoredJob> {
  const latest = await store.commitPoint.latest();
  if (latest === undefined && from === undefined) return { manifest: undefined, kept: [], highestId: 0 };
  const commits = await store.commits();
  const record = from === undefined ? latest : commits.find(({ id }) => id === from);
  if (record === undefined) {
    const known = commits.map(({ id }) => id).join(', ');
    throw new MillraceError('CHECKPOINT_MISSING', {
      message: `There is no checkpoint ${from} in ${store.place}; there are: ${known === '' ? 'none' : known}.`,
      fields: { path: store.place },
    });
  }
  const older = commits.filter(({ id }) => id < record.id);
  const manifest = await read(store, job, record).catch((error) => offerOlder(error, store, job, older));
  const kept = [manifest];
  for (const commit of older) {
    // One that cannot be read cannot be gone back to either.
    const one = await read(store, job, commit).catch(() => undefined);
    if (one !== undefined) kept.push(one);
  }
  return { manifest, kept, highestId: Math.max(latest?.id ?? 0, record.id) };
}

/** Removes what no kept manifest names. */
export async function discardOthers(store: CheckpointStore, kept: readonly Manifest[], upTo: number): Promise<void> {
  const segments = kept.flatMap(({ chain }) => chain.map(({ file }) => file));
  await store.discard({ checkpoints: kept, segments, upTo });
}

async function read(store: CheckpointStore, job: string, record: CommitRecord): Promise<Manifest> {
  return decodeManifest(await store.readManifest(record), store.manifestFile(record), record, job);
}

async function offerOlder(
  error: unknown,
  store: CheckpointStore,
  job: string,
  older: readonly CommitRecord[],
): Promise<never> {
  if (!(error instanceof MillraceError)) throw error;
  for (const commit of older) {
    const manifest = await read(store, job, commit).catch(() => undefined);
    if (manifest === undefined) continue;
    const { code, fields } = error;
    throw new MillraceError(code, {
      message:
        `${error.message} Checkpoint ${manifest.id}, cut at ${manifest.createdAt} (epoch ms), is intact: ` +
        `restoreFrom: ${manifest.id} goes back to it, and publishes again what came after it.`,
      fields,
      cause: error,
    });
  }
  throw error;
}

/** What loading needs beside the manifest. */
export interface LoadOptions {
  readonly store: CheckpointStore;
  readonly clock: Clock;
  readonly onEvent: (event: JobEvent) => void;
  /** Key groups to load. Default: all. */
  readonly wanted?: (keyGroup: number) => boolean;
}

/**
 * Loads the state of all operators: what is small from the manifest, entries from the chain of segments.
 *
 * @throws MillraceError `CHECKPOINT_...` naming the file; `STATE_MISMATCH` for state that the program no longer has
 */
export async function loadState(
  manifest: Manifest,
  states: ReadonlyMap<string, StateBackend>,
  { store, clock, onEvent, wanted = () => true }: LoadOptions,
): Promise<void> {
  const progress = new Progress(manifest, clock, onEvent);
  // Operators that the manifest no longer has were given up: what older segments hold of them is passed over.
  const wantedOperators = new Set(manifest.operators.map(({ id }) => id));
  for (const { id, small } of manifest.operators) stateOf(states, id).loadSmall(small);
  // From the newest on: what it has, older ones need not build up first.
  for (let index = manifest.chain.length - 1; index >= 0; index--) {
    const segment = manifest.chain[index] as SegmentInfo;
    for await (const frame of readSegment(segment, store.readSegment(segment.file))) {
      if (wanted(frame.keyGroup) && wantedOperators.has(frame.operator))
        load(stateOf(states, frame.operator), frame, index, segment.file);
      progress.note(frame.payload.length, frame.entries);
    }
  }
  for (const state of states.values()) state.loaded();
  progress.end();
}

function load(
  state: StateBackend,
  frame: { readonly state: string; readonly payload: Uint8Array; readonly entries: number },
  index: number,
  file: string,
): void {
  let entries: number;
  try {
    entries = state.loadEntries(frame.state, frame.payload, index);
  } catch (cause) {
    if (cause instanceof MillraceError && cause.code === 'STATE_MISMATCH') throw cause;
    throw corrupt(file, messageOf(cause), cause);
  }
  if (entries !== frame.entries) throw corrupt(file, `a frame holds ${entries} entries, not ${frame.entries}`);
}

function corrupt(file: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError('CHECKPOINT_CORRUPT', {
    message: `Segment ${file} of a checkpoint cannot be read: ${why}. It was written by another version of the program.`,
    fields: { path: file },
    cause,
  });
}

function stateOf(states: ReadonlyMap<string, StateBackend>, operator: string): StateBackend {
  const state = states.get(operator);
  if (state !== undefined) return state;
  throw new MillraceError('STATE_MISMATCH', {
    message: `The checkpoint holds state of operator '${operator}', which the dataflow no longer has.`,
    fields: { operator },
  });
}

class Progress {
  private readonly manifest: Manifest;
  private readonly clock: Clock;
  private readonly onEvent: (event: JobEvent) => void;
  private readonly startedMs: number;
  private readonly bytesTotal: number;
  private readonly entriesTotal: number;
  private bytes = 0;
  private entries = 0;
  private shownMs = -Infinity;

  constructor(manifest: Manifest, clock: Clock, onEvent: (event: JobEvent) => void) {
    this.manifest = manifest;
    this.clock = clock;
    this.onEvent = onEvent;
    this.startedMs = clock.monotonic();
    this.bytesTotal = manifest.chain.reduce((sum, segment) => sum + segment.bytes, 0);
    this.entriesTotal = manifest.chain.reduce((sum, segment) => sum + segment.entries, 0);
    this.show();
  }

  note(bytes: number, entries: number): void {
    this.bytes += bytes;
    this.entries += entries;
    if (this.clock.monotonic() - this.shownMs >= PROGRESS_MS) this.show();
  }

  end(): void {
    this.bytes = this.bytesTotal;
    this.show();
  }

  private show(): void {
    this.shownMs = this.clock.monotonic();
    const { bytes, bytesTotal, entries, entriesTotal } = this;
    const perByte = bytes === 0 ? undefined : (this.shownMs - this.startedMs) / bytes;
    const etaMs = perByte === undefined ? undefined : Math.round(perByte * Math.max(0, bytesTotal - bytes));
    this.onEvent({ type: 'restoring', id: this.manifest.id, bytes, bytesTotal, entries, entriesTotal, etaMs });
  }
}
