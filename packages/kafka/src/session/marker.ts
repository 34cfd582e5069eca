import type { CommitRecord } from 'millrace';
import type { GroupOffset } from '../driver/driver.ts';

/*
 * The marker: metadata of a committed offset, JSON, some 160 bytes (a broker takes 4096):
 *
 *   {"millrace":1,"era":1,"n":7,"attempt":"6f1c...","digest":"1f2e3d4c","writer":"revenue"}
 *
 * It is committed in the transaction of the output that it stands for. Which partitions carry it may change from commit
 * to commit, as partitions are added; the highest `n` of the highest `era` is the last commit. `era` goes up when a job is begun
 * afresh, and `n` begins again: markers of before may still stand on partitions that are not read any more. Without `era`: 0.
 */
const FORMAT = 1;

/** What a transaction says it was. */
export interface Marker extends CommitRecord {
  /** How often the job had been begun afresh. */
  readonly era: number;
  /** transactional.id of who wrote it. */
  readonly writer: string;
}

export function encodeMarker({ era, id, attempt, digest, writer }: Marker): string {
  return JSON.stringify({ millrace: FORMAT, era, n: id, attempt, digest, writer });
}

/** The marker of the last commit among committed offsets; other metadata is not ours. */
export function lastMarker(offsets: readonly GroupOffset[]): Marker | undefined {
  let last: Marker | undefined;
  for (const { metadata } of offsets) {
    const marker = decodeMarker(metadata);
    if (marker !== undefined && (last === undefined || isLater(marker, last))) last = marker;
  }
  return last;
}

function isLater(a: Marker, b: Marker): boolean {
  return a.era > b.era || (a.era === b.era && a.id > b.id);
}

function decodeMarker(metadata: string | undefined): Marker | undefined {
  if (metadata === undefined || !metadata.startsWith('{"millrace":')) return undefined;
  try {
    const { millrace, era = 0, n, attempt, digest, writer } = JSON.parse(metadata) as Record<string, unknown>;
    if (millrace !== FORMAT || typeof n !== 'number' || typeof era !== 'number') return undefined;
    return { era, id: n, attempt: String(attempt), digest: String(digest), writer: String(writer) };
  } catch {
    return undefined;
  }
}
