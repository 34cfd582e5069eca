import type { Random } from 'millrace';
import type { SystemWorld } from 'millrace/testing';
import type { GivenRecord, ModelBroker } from '../../kafka/src/testing.ts';
import { readings, type Reading } from './readings.ts';

/** A topic to read, with what foreign producers wrote to it. */
export interface InputTopic {
  readonly topic: string;
  write(cluster: ModelBroker, world: SystemWorld): void;
  /** Behind the end of what the job is to read. */
  writeMore(cluster: ModelBroker): void;
}

const PARTITIONS_MAX = 4;
const CHUNK_MAX = 20;
const MORE_RECORDS = 5;
/** How often the input ends in a transaction that is aborted only later. */
const HANGING_SHARE = 0.15;
const HANGING_MS = 600;

/** Records in committed transactions and in none, with aborted ones between them. */
export function kafkaInput(
  topic: string,
  random: Random,
  records: number,
  { malformed = false }: { readonly malformed?: boolean } = {},
): InputTopic {
  const below = (n: number): number => Math.floor(random.next() * n);
  const partitions = 1 + below(PARTITIONS_MAX);
  const chunks: { readonly records: GivenRecord[]; readonly end: 'commit' | 'abort' | undefined }[] = [];
  const all = readings(random, records);
  for (let from = 0; from < all.length;) {
    const to = from + 1 + below(CHUNK_MAX);
    const given = all.slice(from, to).map((reading) => recordOf(reading, partitions, malformed));
    if (below(4) === 0) chunks.push({ records: given.slice(0, 3), end: 'abort' });
    chunks.push({ records: given, end: below(2) === 0 ? 'commit' : undefined });
    from = to;
  }
  const hanging = random.next() < HANGING_SHARE;
  const more = all.slice(0, MORE_RECORDS).map((reading) => ({ ...reading, id: reading.id + 1_000_000, at: 0 }));
  return {
    topic,
    write(cluster, { scheduler }) {
      cluster.createTopic(topic, partitions);
      for (const { records: given, end } of chunks) cluster.produce(topic, given, end);
      if (!hanging) return;
      const last = all.slice(-2).map((reading) => recordOf(reading, partitions, false));
      scheduler.after(HANGING_MS, cluster.produce(topic, last, 'open'));
    },
    writeMore(cluster) {
      for (let partition = 0; partition < partitions; partition++) {
        const given = more.map((reading) => ({ ...recordOf(reading, partitions, false), partition }));
        cluster.produce(topic, given, 'commit');
      }
    },
  };
}

function recordOf(reading: Reading, partitions: number, malformed: boolean): GivenRecord {
  const partition = Number(reading.key.slice(1)) % partitions;
  const value = malformed && reading.id % 17 === 5 ? '{"id":' : JSON.stringify(reading);
  return { partition, key: reading.key, value, timestamp: reading.at };
}
