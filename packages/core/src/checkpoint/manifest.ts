import { MillraceError, type ErrorCode } from '../errors/index.ts';
import { digestOf, openSealedJson, sealJson } from '../internal/sealed-json.ts';
import type { CheckpointName, CommitRecord, JsonValue, SmallState, OperatorStateSize } from '../model/index.ts';
import { KEY_GROUPS } from '../state/index.ts';
import type { SegmentInfo } from './segment-format.ts';

/*
 * `manifest`: everything a checkpoint is, but for the entries of keyed state; those are in the segments it names.
 * Sealed JSON (internal/sealed-json.ts):
 *
 *   { "format": 1, "job": "revenue", "id": 7, "attempt": "6f1c...", "createdAt": 1767225600000, "finished": false,
 *     "keyGroups": 128, "plan": { "revenue per category": "window tumbling ..." },
 *     "task": { sources with positions and watermarks, segments of event time, counters },
 *     "operators": [{ "id": "...", "small": [cells, timers, slices], "size": { "entries": 5, "bytes": 640 } }],
 *     "chain": [{ "file": "chk-1-.../state.seg", "kind": "full", "bytes": 4711, "entries": 5, "crc": "1f2e3d4c" }, ...],
 *     "committables": [{ "sink": "revenue", "value": ... }], "inFlight": [], "runMs": 1500 }
 *
 * `chain` is complete: to restore, its segments are loaded in this order, and nothing else is needed.
 */
export const MANIFEST_FORMAT = 1;

/** State of one operator, without its entries. */
export interface OperatorPart {
  readonly id: string;
  readonly small: readonly SmallState[];
  readonly size: OperatorStateSize;
}

/** What a checkpoint consists of. */
export interface Manifest extends CheckpointName {
  readonly format: number;
  readonly job: string;
  /** When it was cut, epoch ms. */
  readonly createdAt: number;
  /** Whether the job ended with it. */
  readonly finished: boolean;
  readonly keyGroups: number;
  /** What each stateful operator and each source is, as text: state of another one is refused. */
  readonly plan: Readonly<Record<string, string>>;
  /** Positions, event time and counters: the runtime's. */
  readonly task: JsonValue;
  readonly operators: readonly OperatorPart[];
  readonly chain: readonly SegmentInfo[];
  readonly committables: readonly { readonly sink: string; readonly value: JsonValue }[];
  /** Records inside asynchronous operators; there are none yet. */
  readonly inFlight: readonly JsonValue[];
  /** How long the job has run, over all its starts. */
  readonly runMs: number;
}

export function encodeManifest(manifest: Manifest): { readonly bytes: Uint8Array; readonly digest: string } {
  const bytes = sealJson(manifest);
  return { bytes, digest: digestOf(bytes) };
}

/**
 * @param file for errors
 * @param record what the commit point says of it
 * @throws MillraceError `CHECKPOINT_TRUNCATED`, `CHECKPOINT_CORRUPT`, `CHECKPOINT_VERSION`, `CHECKPOINT_FOREIGN`
 */
export function decodeManifest(bytes: Uint8Array, file: string, record: CommitRecord, job: string): Manifest {
  // The seal says that it is what `encodeManifest` wrote; the format, by which version.
  const manifest = openSealedJson(bytes, file) as Manifest;
  if (manifest.format !== MANIFEST_FORMAT)
    throw refused('CHECKPOINT_VERSION', file, `has format ${manifest.format}; this version reads ${MANIFEST_FORMAT}`);
  if (manifest.job !== job)
    throw refused('CHECKPOINT_FOREIGN', file, `is one of job '${manifest.job}', not of '${job}'`);
  if (manifest.id !== record.id || manifest.attempt !== record.attempt || digestOf(bytes) !== record.digest)
    throw refused('CHECKPOINT_CORRUPT', file, `is not the one that commit ${record.id} names`);
  if (manifest.keyGroups !== KEY_GROUPS)
    throw refused('CHECKPOINT_VERSION', file, `has ${manifest.keyGroups} key groups; this version has ${KEY_GROUPS}`);
  return manifest;
}

function refused(code: ErrorCode, file: string, what: string): MillraceError {
  return new MillraceError(code, {
    message: `Checkpoint ${file} ${what}. Give the job the checkpoints it wrote, or others a place of their own.`,
    fields: { path: file },
  });
}
