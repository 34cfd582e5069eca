import { expect, it } from 'vitest';
import type { ConsumerDriver, Fetched, TopicPartition } from '../../src/index.ts';
import { Fetcher } from '../../src/source/fetcher.ts';
import { PartitionQueue } from '../../src/source/partition-queue.ts';
import { json } from '../../src/formats/format.ts';
import { TopicReader } from '../../src/source/topic-reader.ts';
import { fetched } from '../setup/fake-records.ts';

/** A client with a backlog that is handed over in its order, at most 256 at once, and that says when there is more. */
class FakeConsumer implements ConsumerDriver {
  readonly calls: string[] = [];
  fetches = 0;
  ready: () => void = () => undefined;
  failure: Error | undefined;
  private readonly backlog: Fetched[] = [];

  arrive(...answers: readonly Fetched[]): void {
    this.backlog.push(...answers);
    this.ready();
  }

  fetch(): Promise<Fetched> {
    this.fetches++;
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve(this.backlog.shift() ?? fetched([]));
  }

  unassign(): void {}

  assign(): void {
    this.calls.push('assign');
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) this.calls.push(`pause ${partition}`);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) this.calls.push(`resume ${partition}`);
  }

  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }
}

function reading(partitions: number) {
  const consumer = new FakeConsumer();
  let wakes = 0;
  const fetcher = new Fetcher(() => wakes++);
  const queues = Array.from({ length: partitions }, (_, p) => new PartitionQueue('t', p, 0, Infinity, Infinity));
  for (const queue of queues) fetcher.add(queue);
  consumer.ready = fetcher.ready;
  const close = (): Promise<void> => Promise.resolve();
  const reader = new TopicReader({
    queues,
    consumer,
    fetcher,
    decode: (b) => json().decode(b),
    watch: undefined,
    close,
  });
  fetcher.begin(consumer);
  return { consumer, fetcher, queues, reader, wakes: () => wakes };
}

/** Lets everything happen that follows from what was done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Answers of 256 records each of one partition. */
const answers = (partition: number, from: number, count: number): Fetched[] =>
  Array.from({ length: Math.ceil(count / 256) }, (_, i) =>
    fetched([[partition, from + i * 256, Math.min(256, count - i * 256)]]),
  );

/** Reads a partition until it has nothing; how many there were. */
function drain(reader: TopicReader, partition: number): number {
  for (let total = 0; ;) {
    const batch = reader.poll(partition, 512);
    if (typeof batch === 'string') return total;
    total += batch.to - batch.from;
  }
}

it('fetches until enough waits, and again when there is room', async () => {
  const { consumer, reader, queues } = reading(1);
  consumer.arrive(...answers(0, 0, 10_000));
  await settled();
  expect(queues[0]?.records).toBe(1_024);
  // The first one, before there was anything, and 4 answers.
  expect(consumer.fetches).toBe(1 + 4);
  reader.poll(0, 512);
  await settled();
  expect(queues[0]?.records).toBe(1_024);
  expect(consumer.calls).toEqual([]);
});

it('goes on for a partition that is read and has nothing; the others are paused in time and resumed with hysteresis', async () => {
  const { consumer, reader, queues } = reading(2);
  consumer.arrive(...answers(0, 0, 20_000), fetched([[1, 0, 5]]));
  await settled();
  for (let i = 0; i < 100 && consumer.calls.length === 0; i++) {
    expect(reader.poll(1, 512)).toBe('pending');
    await settled();
  }
  expect(consumer.calls).toEqual(['pause 0']);
  expect(queues[0]?.records).toBe(8_192 + 256);
  reader.poll(0, 512);
  expect(consumer.calls).toEqual(['pause 0']);
  while ((queues[0]?.records ?? 0) > 1_024) {
    expect(consumer.calls).toEqual(['pause 0']);
    reader.poll(0, 512);
  }
  expect(consumer.calls).toEqual(['pause 0', 'resume 0']);
});

it('new records of a partition that stood at its end are fetched, though others that nobody reads hold all there is room for', async () => {
  const { consumer, reader, wakes } = reading(2);
  consumer.arrive(fetched([], [[1, 0]]), ...answers(0, 0, 5_000));
  await settled();
  // The loop waits for partition 1: partition 0 is ahead of it.
  expect(reader.poll(1, 512)).toBe('pending');
  await settled();
  const before = wakes();
  consumer.arrive(fetched([[1, 0, 3]]));
  for (let i = 0; i < 100; i++) {
    await settled();
    const batch = reader.poll(1, 512);
    if (typeof batch !== 'string') {
      expect(batch.to - batch.from).toBe(3);
      expect(wakes()).toBeGreaterThan(before);
      return;
    }
  }
  throw new Error('the records of partition 1 have never been fetched');
});

it('a partition at its end makes nobody fetch more than is read of the others', async () => {
  const { consumer, reader, queues } = reading(2);
  consumer.arrive(fetched([], [[1, 0]]), ...answers(0, 0, 30_000));
  for (let i = 0; i < 40; i++) {
    await settled();
    reader.poll(0, 512);
    expect(reader.poll(1, 512)).toBe('pending');
    expect(queues[0]?.records).toBeLessThan(1_024 + 256);
  }
  expect(consumer.calls).toEqual([]);
});

it('a failure of the client fails the next poll; records of partitions that nobody asked for are dropped', async () => {
  const { consumer, reader, wakes } = reading(1);
  consumer.arrive(
    fetched([
      [7, 0, 10],
      [0, 0, 2],
    ]),
  );
  await settled();
  expect(drain(reader, 0)).toBe(2);
  consumer.failure = new Error('no more');
  const before = wakes();
  consumer.ready();
  await settled();
  expect(wakes()).toBeGreaterThan(before);
  expect(() => reader.poll(0, 512)).toThrow('no more');
});

it('nothing is fetched after the end', async () => {
  const { consumer, reader } = reading(1);
  await settled();
  await reader.close();
  const { fetches } = consumer;
  consumer.arrive(fetched([[0, 0, 1]]));
  await settled();
  expect(consumer.fetches).toBe(fetches);
  expect(consumer.calls).toEqual(['close']);
});
