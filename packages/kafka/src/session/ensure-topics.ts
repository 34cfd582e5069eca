import { MillraceError, optionError, systemScheduler } from 'millrace';
import type { AdminDriver, TopicDescription } from '../driver/driver.ts';
import { retryingAdmin } from '../driver/retrying-admin.ts';
import { checkTopicName } from '../driver/topic-name.ts';
import { Connection, type ConnectionOptions } from '../settings/connection.ts';

/** A topic that a program needs. */
export interface NeededTopic {
  readonly name: string;
  /** Partitions it is made with if it does not exist; one that exists is left as it is. */
  readonly partitions: number;
  /** Default: the broker's. */
  readonly replication?: number;
  /** Settings it is made with, by Kafka's names. */
  readonly config?: Readonly<Record<string, string>>;
}

/**
 * Makes topics that do not exist yet. What exists is left alone.
 *
 * @returns the topics as they are now, in the order of `topics`
 * @throws {MillraceError} `OPTION_INVALID` for a name that no topic can have; `IO_FAILED` if the cluster cannot be reached or
 *   does not let them be made
 * @example
 * await kafka.ensureTopics({ bootstrap: 'localhost:9092' }, [{ name: 'orders.created', partitions: 4 }]);
 */
export async function ensureTopics(
  options: ConnectionOptions,
  topics: readonly NeededTopic[],
): Promise<readonly TopicDescription[]> {
  for (const { name, partitions } of topics) {
    checkTopicName('topic', name);
    if (!Number.isInteger(partitions) || partitions < 1)
      throw optionError(`partitions of topic '${name}'`, partitions, 'a number from 1 on');
  }
  const connection = new Connection('kafka.ensureTopics()', options);
  const admin = retryingAdmin(await connection.driver.admin(connection.admin), systemScheduler);
  try {
    const names = topics.map(({ name }) => name);
    const there = new Set((await admin.topics(names)).map(({ name }) => name));
    await makeTopics(
      admin,
      topics.filter(({ name }) => !there.has(name)),
    );
    return await described(admin, names);
  } finally {
    await admin.close();
  }
}

/** Makes topics; one that exists is left alone. */
export async function makeTopics(admin: AdminDriver, topics: readonly NeededTopic[]): Promise<void> {
  await admin.createTopics(
    topics.map(({ name, partitions, replication = -1, config = {} }) => ({ name, partitions, replication, config })),
  );
}

/** Topics that were made, in the order of `names`, once they are there: their leaders may not be known everywhere at once. */
export async function described(admin: AdminDriver, names: readonly string[]): Promise<readonly TopicDescription[]> {
  for (let delayMs = 20; ; delayMs *= 2) {
    const found = await admin.topics(names);
    const all = names.map((name) => found.find((one) => one.name === name && one.partitions.length > 0));
    if (all.every((one) => one !== undefined)) return all;
    if (delayMs > 10_000)
      throw new MillraceError('IO_FAILED', {
        message: `Kafka: topics ${names.join(', ')} were made, but are not there.`,
      });
    await new Promise<void>((resolve) => systemScheduler.after(delayMs, resolve));
  }
}
