import type { Scheduler } from 'millrace';
import type { AdminDriver, ConsumerEvents } from '../driver/driver.ts';
import { watched, watchedOpening } from '../driver/watchdog.ts';
import { Waiting } from '../session/waiting.ts';
import type { Connection } from '../settings/connection.ts';
import type { ScannedRecord } from './scanned-record.ts';

/** Records asked for at once: few, as letters may be large. */
const FETCH_RECORDS = 128;
/** Partitions are assigned by hand; nothing is ever committed for it. */
const GROUP = 'millrace-dlq';

/** What reading takes. */
export interface Cluster {
  readonly connection: Connection;
  readonly admin: AdminDriver;
  readonly scheduler: Scheduler;
  /** How long a call may take, milliseconds. */
  readonly callMs: number;
}

/** How far and from where to read. */
export interface ScanOptions {
  /** One place to begin at, in one partition. Default: all partitions, from their beginning. */
  readonly from?: { readonly partition: number; readonly offset: number };
  /**
   * Whether to wait for transactions that are open below the end that the topic has now. Default: records behind the first of
   * them are left out.
   */
  readonly complete?: boolean;
}

/**
 * The committed records of a topic as it is now, each partition in its order. Nothing for a topic that does not exist.
 *
 * @throws MillraceError `IO_FAILED` if the cluster does not answer
 */
export async function* scan(
  cluster: Cluster,
  topic: string,
  { from, complete = false }: ScanOptions = {},
): AsyncGenerator<ScannedRecord> {
  const { connection, scheduler, callMs } = cluster;
  const starts = await startsOf(cluster, topic, from);
  if (starts.length === 0) return;
  /** Partition -> offset that is no longer read. */
  const open = new Map(starts.map(({ partition, end }) => [partition, end]));
  const bell = new Bell();
  const opening = connection.driver.consumer(connection.consumer(GROUP), bell);
  const consumer = await watchedOpening('connecting the consumer', scheduler, opening, callMs);
  try {
    consumer.assign(starts.map(({ partition, first }) => ({ topic, partition, offset: first })));
    while (open.size > 0) {
      bell.clear();
      const { records, ends } = await watched(`reading ${topic}`, scheduler, consumer.fetch(FETCH_RECORDS), callMs);
      for (let i = 0; i < records.length; i++) {
        const [partition, offset] = [records.partition(i), records.offset(i)];
        const end = open.get(partition);
        if (end === undefined || offset >= end) continue;
        yield {
          partition,
          offset,
          timestamp: records.timestamp(i),
          key: records.key(i),
          value: records.value(i),
          headers: records.headers(i),
        };
        if (offset + 1 === end) open.delete(partition);
      }
      for (const { partition, offset } of ends) {
        const end = open.get(partition);
        if (end !== undefined && (!complete || offset >= end)) open.delete(partition);
      }
      if (records.length === 0 && ends.length === 0)
        await watched(`waiting for records of ${topic}`, scheduler, bell.rings(), callMs);
    }
  } finally {
    await consumer.close();
  }
}

/** Partitions that hold anything, with what is read of them. */
async function startsOf({ admin }: Cluster, topic: string, from: ScanOptions['from']) {
  const [description] = await admin.topics([topic]);
  const all = (description?.partitions ?? []).map((_, partition) => ({ topic, partition }));
  const wanted = from === undefined ? all : all.filter(({ partition }) => partition === from.partition);
  const firsts = await admin.offsets(wanted, 'earliest');
  const ends = await admin.offsets(wanted, 'latest');
  return wanted
    .map(({ partition }, i) => ({
      partition,
      first: from?.offset ?? (firsts[i] as number),
      kept: firsts[i] as number,
      end: ends[i] as number,
    }))
    .filter(({ first, kept, end }) => first >= kept && first < end);
}

/** Rings when there may be something to fetch, also while a fetch is under way. */
class Bell implements ConsumerEvents {
  private readonly waiting = new Waiting();
  private rung = false;
  private failure: Error | undefined;

  ready(): void {
    this.rung = true;
    this.waiting.happened();
  }

  failed(error: Error): void {
    this.failure ??= error;
    this.ready();
  }

  clear(): void {
    this.rung = false;
  }

  async rings(): Promise<void> {
    if (!this.rung) await this.waiting.next();
    if (this.failure !== undefined) throw this.failure;
  }
}
