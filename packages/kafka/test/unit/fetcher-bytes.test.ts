import { expect, it } from 'vitest';
import type { ConsumerDriver, Fetched, FetchedRecords, PartitionOffset, TopicPartition } from '../../src/index.ts';
import { Fetcher } from '../../src/source/fetcher.ts';
import { PartitionQueue } from '../../src/source/partition-queue.ts';
import { TopicReader } from '../../src/source/topic-reader.ts';

const MB = 1024 * 1024;

/** Records of one size, which share their bytes. */
class Sized implements FetchedRecords {
  readonly length: number;
  readonly released: number[] = [];
  private readonly rows: readonly PartitionOffset[];
  private readonly bytes: Uint8Array;

  constructor(rows: readonly PartitionOffset[], bytes: Uint8Array) {
    this.rows = rows;
    this.length = rows.length;
    this.bytes = bytes;
  }

  readonly topic = (): string => 't';
  readonly partition = (index: number): number => this.rows[index]?.partition ?? -1;
  readonly offset = (index: number): number => this.rows[index]?.offset ?? -1;
  readonly timestamp = (): number => NaN;
  readonly key = (): null => null;
  readonly value = (): Uint8Array => this.bytes;
  readonly headers = (): readonly [] => [];
  release(from: number, to: number): void {
    for (let i = from; i < to; i++) this.released.push(i);
  }
}

/** A client that always has more of every partition that is not paused, in turn. */
class Endless implements ConsumerDriver {
  readonly asked: number[] = [];
  readonly answers: Sized[] = [];
  readonly calls: string[] = [];
  private readonly paused = new Set<number>();
  private readonly next: number[];
  private readonly bytes: Uint8Array;

  constructor(partitions: number, bytes: number) {
    this.next = Array.from({ length: partitions }, () => 0);
    this.bytes = new Uint8Array(bytes);
  }

  fetch(maxRecords: number): Promise<Fetched> {
    this.asked.push(maxRecords);
    const open = this.next.flatMap((_, partition) => (this.paused.has(partition) ? [] : [partition]));
    const rows: PartitionOffset[] = [];
    for (let i = 0; i < maxRecords && open.length > 0; i++) {
      const partition = open[i % open.length] as number;
      const offset = this.next[partition] as number;
      this.next[partition] = offset + 1;
      rows.push({ topic: 't', partition, offset });
    }
    const records = new Sized(rows, this.bytes);
    this.answers.push(records);
    return Promise.resolve({ records, ends: [] });
  }

  unassign(): void {}

  assign(): void {}

  pause(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) {
      this.paused.add(partition);
      this.calls.push(`pause ${partition}`);
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) {
      this.paused.delete(partition);
      this.calls.push(`resume ${partition}`);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function reading(partitions: number, bytes: number, end: number = Infinity) {
  const consumer = new Endless(partitions, bytes);
  const fetcher = new Fetcher(() => undefined);
  const queues = Array.from(
    { length: partitions },
    (_, p) => new PartitionQueue('t', p, 0, p === 0 ? end : Infinity, 1),
  );
  for (const queue of queues) fetcher.add(queue);
  const close = (): Promise<void> => Promise.resolve();
  const reader = new TopicReader({ queues, consumer, fetcher, decode: (b) => b.length, watch: undefined, close });
  fetcher.begin(consumer);
  const held = (): number => queues.reduce((sum, queue) => sum + queue.records * bytes, 0);
  return { consumer, fetcher, queues, reader, held };
}

/** Lets everything happen that follows from what was done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('what waits is bounded in bytes: few large records are enough, and are asked for by their size', async () => {
  const { consumer, reader, held } = reading(1, 100_000);
  await settled();
  for (let i = 0; i < 50; i++) {
    expect(consumer.asked.slice(0, 3)).toEqual([16, 20, 20]);
    expect(held()).toBeGreaterThanOrEqual(8 * MB);
    expect(held()).toBeLessThan((8 + 2) * MB);
    reader.poll(0, 10);
    await settled();
  }
  // One that is read is never paused, whatever the size of its records.
  expect(consumer.calls).toEqual([]);
});

it('records of the usual size are bounded by their number, as before', async () => {
  const { consumer, queues } = reading(1, 1_000);
  await settled();
  expect(consumer.asked).toEqual([16, 256, 256, 256, 256]);
  expect(queues[0]?.records).toBe(1_024 + 16);
});

it('a partition that is not read is paused by bytes, and resumed with hysteresis', async () => {
  const { consumer, reader, queues } = reading(2, 100_000);
  await settled();
  const other = queues[1] as PartitionQueue;
  for (let i = 0; i < 1_000 && consumer.calls.length === 0; i++) {
    reader.poll(0, 512);
    await settled();
  }
  expect(consumer.calls).toEqual(['pause 1']);
  expect(other.bytes).toBeGreaterThan(16 * MB);
  expect(other.bytes).toBeLessThan((16 + 2) * MB);
  while (other.bytes > 2 * MB) {
    expect(consumer.calls).toEqual(['pause 1']);
    reader.poll(1, 512);
  }
  expect(consumer.calls).toEqual(['pause 1', 'resume 1']);
});

it('a bounded partition keeps nothing from behind its end, and is paused once it is there', async () => {
  const { consumer, reader, queues } = reading(2, 1_000, 100);
  await settled();
  const ended = queues[0] as PartitionQueue;
  expect(ended.records).toBe(100);
  expect(consumer.calls).toEqual(['pause 0']);
  while (!ended.ended) reader.poll(0, 512);
  expect([reader.poll(0, 512), ended.position]).toEqual(['end', { offset: 100, end: 100, of: 1 }]);
  for (let i = 0; i < 20; i++) {
    reader.poll(1, 512);
    await settled();
  }
  expect([ended.records, ended.bytes]).toEqual([0, 0]);
  expect(consumer.calls).toEqual(['pause 0']);
});

it('a record behind the end shows that a partition without further records of its own has ended', () => {
  const queue = new PartitionQueue('t', 0, 0, 10, 1);
  const rows = [7, 8, 11].map((offset) => ({ topic: 't', partition: 0, offset }));
  const records = new Sized(rows, new Uint8Array(5));
  expect(queue.push({ records, from: 0, to: 3, bytes: 15 })).toBe(true);
  expect([queue.records, queue.full, queue.ended]).toEqual([2, true, false]);
  // Nothing but a control record was left: a restart need not look for it.
  expect(queue.take(2, 9)).toBe(15);
  expect([queue.ended, queue.position.offset]).toEqual([true, 10]);
  expect(queue.push({ records, from: 2, to: 3, bytes: 5 })).toBe(false);
});

it('what was handed over is let go of at the next poll, though others of its answer wait', async () => {
  const { consumer, reader } = reading(2, 10);
  await settled();
  const [answer] = consumer.answers;
  for (let i = 0; i < 4; i++) reader.poll(1, 512);
  expect(answer?.released).toEqual([1, 3, 5]);
});
