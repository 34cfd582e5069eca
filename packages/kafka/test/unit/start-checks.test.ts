import { MillraceError, type Logger } from 'millrace';
import { expect, it } from 'vitest';
import type { AdminDriver, TopicDescription } from '../../src/index.ts';
import { kafkaError } from '../../src/driver/kafka-error.ts';
import { RestoredOffsets } from '../../src/session/restored-offsets.ts';
import { checkPartitionCounts, initError, warnOfReplication } from '../../src/session/start-checks.ts';

const topic = (name: string, ...partitions: readonly [replicas: number, inSync: number][]): TopicDescription => ({
  name,
  partitions: partitions.map(([replicas, inSync]) => ({ replicas, inSync })),
});

async function warnings(
  output: TopicDescription,
  internal: () => Promise<readonly TopicDescription[]>,
): Promise<string[]> {
  const said: string[] = [];
  const admin: Pick<AdminDriver, 'topics'> = { topics: internal };
  const logger: Pick<Logger, 'warn'> = { warn: (text) => said.push(text) };
  // Nothing else of them is used.
  await warnOfReplication(admin as AdminDriver, output, logger as Logger);
  return said;
}

it('a topic with one replica on a cluster whose own topics have more is told of; on a single broker it is not', async () => {
  const three = () => Promise.resolve([topic('__transaction_state', [3, 3])]);
  expect(await warnings(topic('out', [1, 1]), three)).toEqual([
    expect.stringMatching(/topic 'out' has 1 replica, the cluster's own topics have 3.*min\.insync\.replicas/),
  ]);
  expect(await warnings(topic('out', [1, 1]), () => Promise.resolve([topic('__transaction_state', [1, 1])]))).toEqual(
    [],
  );
  expect(await warnings(topic('out', [3, 3]), three)).toEqual([]);
  const denied = () => Promise.reject(new Error('not allowed'));
  expect(await warnings(topic('out', [1, 1]), denied)).toEqual([]);
});

it('a partition whose replicas are not all in sync is told of', async () => {
  expect(await warnings(topic('out', [3, 3], [3, 2]), () => Promise.resolve([]))).toEqual([
    expect.stringContaining("topic 'out': partition 1 has 2 of 3 replicas in sync"),
  ]);
});

it('more partitions than before are fine, fewer are another topic', () => {
  const positions = [0, 1, 2].map((partition) => ({ topic: 'in', partition }));
  checkPartitionCounts('orders', positions, new Map([['in', 5]]));
  expect(() => checkPartitionCounts('orders', positions, new Map([['in', 2]]))).toThrow(
    /Topic 'in' has 2 partitions, but source 'orders' was reading partition 2.*fresh: true/,
  );
});

it('a time-out that brokers refuse is the option at fault, and no error that passes', () => {
  const refused = kafkaError('initTransactions', { code: 50, message: 'Broker: Invalid transaction timeout' });
  expect(initError(refused, 1_000_000)).toMatchObject({
    code: 'OPTION_INVALID',
    retryable: false,
    message: expect.stringMatching(
      /transactionTimeout of kafka\.solo\(\) is 1000000 ms.*transaction\.max\.timeout\.ms/,
    ) as string,
  });
  const other = kafkaError('initTransactions', { code: 15, message: 'not yet' });
  expect(initError(other, 1_000)).toBe(other);
});

it('offsets of the group that are not those of the checkpoint were moved by hand', () => {
  const at = (partition: number, offset: number) => ({ topic: 'in', partition, offset });
  const check =
    (committed: readonly number[], ...sources: readonly (readonly number[])[]) =>
    () => {
      const restored = new RestoredOffsets('job');
      restored.begin(committed.map((offset, partition) => at(partition, offset)));
      for (const source of sources) restored.add(source.map((offset, partition) => at(partition, offset)));
      restored.check();
    };
  check([5, 7], [5, 7])();
  // Offsets expire, one of a job that begins is nobody's, and the group has that of one source if two read a partition.
  check([5], [5, 7])();
  check([5, 7])();
  check([5, 7], [5, 9], [4, 7])();
  expect(check([5, 0], [5, 7])).toThrow(MillraceError);
  expect(check([5, 0], [5, 7])).toThrow(
    /stands at offset 0 of in-1, but the job's last commit left it at 7.*fresh: true/,
  );
});
