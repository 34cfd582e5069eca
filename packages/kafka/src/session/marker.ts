import type { CommitRecord } from 'millrace';
import type { GroupOffset } from '../driver/driver.ts';

/*
 * The marker: metadata of a committed offset, JSON, some 160 bytes (a broker takes 4096):
 *
 *   {"millrace":1,"n":7,"attempt":"6f1c...","digest":"1f2e3d4c","writer":"revenue"}
 *
 * It is committed in the transaction of the output that it stands for. Which partition carries it may change from commit
 * to commit, as partitions are added; the highest `n` is the last commit.
 */
const FORMAT = 1;

/** What a transaction says it was. */
export interface Marker extends CommitRecord {
  /** transactional.id of who wrote it. */
  readonly writer: string;
}

export function encodeMarker({ id, attempt, digest, writer }: Marker): string {
  return JSON.stringify({ millrace: FORMAT, n: id, attempt, digest, writer });
}

/** The marker with the highest number among committed offsets; other metadata is not ours. */
export function lastMarker(offsets: readonly GroupOffset[]): Marker | undefined {
  let last: Marker | undefined;
  for (const { metadata } of offsets) {
    const marker = decodeMarker(metadata);
    if (marker !== undefined && (last === undefined || marker.id > last.id)) last = marker;
  }
  return last;
}

function decodeMarker(metadata: string | undefined): Marker | undefined {
  if (metadata === undefined || !metadata.startsWith('{"millrace":')) return undefined;
  try {
    const { millrace, n, attempt, digest, writer } = JSON.parse(metadata) as Record<string, unknown>;
    if (millrace !== FORMAT || typeof n !== 'number') return undefined;
    return { id: n, attempt: String(attempt), digest: String(digest), writer: String(writer) };
  } catch {
    return undefined;
  }
}
