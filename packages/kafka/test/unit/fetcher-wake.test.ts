import { describe, expect, it } from 'vitest';
import type { ConsumerDriver, Fetched, FetchedRecords } from '../../src/driver/driver.ts';
import { Fetcher } from '../../src/source/fetcher.ts';
import { PartitionQueue } from '../../src/source/partition-queue.ts';

/** Records of partition 0 of topic `t`, without content. */
function recordsOf(offsets: readonly number[]): FetchedRecords {
  return {
    length: offsets.length,
    topic: () => 't',
    partition: () => 0,
    offset: (i) => offsets[i] as number,
    timestamp: () => NaN,
    key: () => null,
    value: () => null,
    headers: () => [],
  };
}

/** A client whose fetches are answered by the test. */
class AnsweredByHand implements ConsumerDriver {
  readonly fetches: ((fetched: Fetched) => void)[] = [];
  assign(): void {}
  unassign(): void {}
  pause(): void {}
  resume(): void {}
  fetch(): Promise<Fetched> {
    return new Promise((resolve) => this.fetches.push(resolve));
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  async answer(offsets: readonly number[]): Promise<void> {
    this.fetches.at(-1)?.({ records: recordsOf(offsets), ends: [] });
    await Promise.resolve();
    await Promise.resolve();
  }
}

describe('a fetcher', () => {
  const begun = () => {
    const fetcher = new Fetcher(() => undefined);
    const queue = new PartitionQueue('t', 0, 0, Infinity, Infinity);
    const client = new AnsweredByHand();
    fetcher.add(queue);
    fetcher.begin(client);
    return { fetcher, queue, client };
  };

  it('fetches again after records, and not after none', async () => {
    const { client, queue } = begun();
    await client.answer([0, 1]);
    expect(client.fetches.length).toBe(2);
    await client.answer([]);
    expect(client.fetches.length).toBe(2);
    expect(queue.records).toBe(2);
  });

  it('fetches when it is told that there is something', async () => {
    const { client, fetcher } = begun();
    await client.answer([]);
    fetcher.ready();
    expect(client.fetches.length).toBe(2);
  });

  it('fetches again after an empty fetch if it was told meanwhile: it is told once, when the first record comes', async () => {
    const { client, fetcher } = begun();
    fetcher.ready();
    await client.answer([]);
    expect(client.fetches.length).toBe(2);
  });
});
