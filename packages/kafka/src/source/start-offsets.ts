import { MillraceError, optionError } from 'millrace';
import type { AdminDriver, TopicPartition } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';

/** Where a source begins that has no checkpoint to go on from. */
export type Start =
  | 'earliest'
  | 'latest'
  /** Where the group of the job stands; partitions it has no offset for: `earliest`. */
  | 'committed'
  /** First record at or after a time, epoch milliseconds. */
  | { readonly timestamp: number }
  /** By partition, such as `{ 'orders-0': 1200 }`; those that are missing: `earliest`. */
  | { readonly offsets: Readonly<Record<string, number>> };

/** Where a source ends; it is then bounded. */
export type Until =
  /** Where partitions end when the job is started for the first time. */
  | 'end'
  | { readonly timestamp: number }
  /** Exclusive, by partition; those that are missing: `end`. */
  | { readonly offsets: Readonly<Record<string, number>> };

/** Ids of partitions that an error names. */
const SHOWN = 8;

/** @throws MillraceError `OPTION_INVALID` */
export function checkStart(start: unknown): void {
  if (start === 'earliest' || start === 'latest' || start === 'committed' || isPlace(start)) return;
  throw optionError('start of kafka.topic()', start, "'earliest', 'latest', 'committed', { timestamp } or { offsets }");
}

/** @throws MillraceError `OPTION_INVALID` */
export function checkUntil(until: unknown): void {
  if (until === undefined || until === 'end' || isPlace(until)) return;
  throw optionError('until of kafka.topic()', until, "'end', { timestamp } or { offsets }");
}

/**
 * Offsets are given for partitions that are there.
 *
 * @throws MillraceError `OPTION_INVALID`
 */
export function checkNamed(
  option: 'start' | 'until',
  place: Start | Until | undefined,
  partitions: readonly TopicPartition[],
): void {
  if (typeof place !== 'object' || !('offsets' in place)) return;
  const ids = partitions.map(({ topic, partition }) => partitionId(topic, partition));
  const unknown = Object.keys(place.offsets).find((id) => !ids.includes(id));
  if (unknown === undefined) return;
  const named = ids.length > SHOWN ? `${ids.slice(0, SHOWN).join(', ')}, ...` : ids.join(', ');
  throw optionError(`${option}.offsets of kafka.topic()`, unknown, `a partition that the source has: ${named}`);
}

/** First offset of each partition. */
export async function startOffsets(
  admin: AdminDriver,
  group: string,
  partitions: readonly TopicPartition[],
  start: Start,
): Promise<readonly number[]> {
  const earliest = await admin.offsets(partitions, 'earliest');
  if (start === 'earliest') return earliest;
  if (start === 'latest') return admin.offsets(partitions, 'latest');
  if (start === 'committed') {
    const committed = await admin.committed(group, true);
    return byId(partitions, earliest, new Map(committed.map((o) => [partitionId(o.topic, o.partition), o.offset])));
  }
  if ('timestamp' in start) return atTime(admin, partitions, start.timestamp);
  const given = byId(partitions, earliest, new Map(Object.entries(start.offsets)));
  const latest = await admin.offsets(partitions, 'latest');
  partitions.forEach(({ topic, partition }, i) => {
    const [first, offset, last] = [earliest[i] as number, given[i] as number, latest[i] as number];
    if (offset < first || offset > last)
      throw optionError(`start of ${topic}-${partition}`, offset, `between ${first} and ${last}: there are no others`);
  });
  return given;
}

/** Exclusive end of each partition; `Infinity`: it has none. */
export async function endOffsets(
  admin: AdminDriver,
  partitions: readonly TopicPartition[],
  until: Until | undefined,
): Promise<readonly number[]> {
  if (until === undefined) return partitions.map(() => Infinity);
  if (typeof until === 'object' && 'timestamp' in until) return atTime(admin, partitions, until.timestamp);
  const latest = await admin.offsets(partitions, 'latest');
  return until === 'end' ? latest : byId(partitions, latest, new Map(Object.entries(until.offsets)));
}

/** A restart must begin where it stopped, and not where the broker happens to have records. */
export async function checkKept(
  admin: AdminDriver,
  source: string,
  positions: readonly (TopicPartition & { readonly offset: number })[],
): Promise<void> {
  const earliest = await admin.offsets(positions, 'earliest');
  const latest = await admin.offsets(positions, 'latest');
  positions.forEach(({ topic, partition, offset }, i) => {
    const first = earliest[i] as number;
    const last = latest[i] as number;
    if (offset >= first && offset <= last) return;
    const why =
      offset < first
        ? `the broker has dropped what comes before ${first} (retention)`
        : `the partition ends at ${last}: it was made anew`;
    throw new MillraceError('STATE_MISMATCH', {
      message:
        `Source '${source}' goes on at offset ${offset} of ${topic}-${partition}, but ${why}. Records are lost to this job; ` +
        'fresh: true starts over with what is there.',
      fields: { source, partition: `${topic}-${partition}`, offset },
    });
  });
}

async function atTime(
  admin: AdminDriver,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<readonly number[]> {
  const found = await admin.offsets(partitions, { timestamp });
  // -1: there is no record at or after it.
  const latest = found.includes(-1) ? await admin.offsets(partitions, 'latest') : [];
  return found.map((offset, i) => (offset === -1 ? (latest[i] as number) : offset));
}

function byId(
  partitions: readonly TopicPartition[],
  otherwise: readonly number[],
  offsets: ReadonlyMap<string, number>,
): readonly number[] {
  return partitions.map(
    ({ topic, partition }, i) => offsets.get(partitionId(topic, partition)) ?? (otherwise[i] as number),
  );
}

function isPlace(place: unknown): boolean {
  if (typeof place !== 'object' || place === null) return false;
  if ('timestamp' in place) return Number.isFinite(place.timestamp);
  if (!('offsets' in place) || typeof place.offsets !== 'object' || place.offsets === null) return false;
  return Object.values(place.offsets).every((offset) => Number.isInteger(offset) && (offset as number) >= 0);
}
