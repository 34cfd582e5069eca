import { MillraceError, optionError, type Scheduler } from 'millrace';
import type { TopicDescription } from '../driver/driver.ts';
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

const timers: Scheduler = {
  defer: (action) => setImmediate(action),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

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
  const admin = retryingAdmin(await connection.driver.admin(connection.admin), timers);
  try {
    const names = topics.map(({ name }) => name);
    const there = new Set((await admin.topics(names)).map(({ name }) => name));
    const missing = topics.filter(({ name }) => !there.has(name));
    await admin.createTopics(
      missing.map(({ name, partitions, replication = -1, config = {} }) => ({ name, partitions, replication, config })),
    );
    // Their leaders may not be known everywhere yet.
    for (let delayMs = 20; ; delayMs *= 2) {
      const described = await admin.topics(names);
      const all = names.map((name) => described.find((one) => one.name === name && one.partitions.length > 0));
      if (all.every((one) => one !== undefined)) return all;
      if (delayMs > 10_000)
        throw new MillraceError('IO_FAILED', {
          message: `Kafka: topics ${names.join(', ')} were made, but are not there.`,
        });
      await new Promise<void>((resolve) => timers.after(delayMs, resolve));
    }
  } finally {
    await admin.close();
  }
}
