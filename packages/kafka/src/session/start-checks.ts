import { MillraceError, type Logger } from 'millrace';
import type { AdminDriver, TopicDescription } from '../driver/driver.ts';
import { INTERNAL_TOPICS } from '../driver/topic-name.ts';

/** INVALID_TRANSACTION_TIMEOUT. */
const TIMEOUT_REFUSED = 50;
/** The broker's default of `transaction.max.timeout.ms`. */
const USUAL_MAX = '15 minutes';

/** What a producer's first call to the brokers may come to that trying again does not cure. */
export function initError(error: unknown, timeoutMs: number): unknown {
  if (!(error instanceof MillraceError) || error.fields['kafka'] !== TIMEOUT_REFUSED) return error;
  return new MillraceError('OPTION_INVALID', {
    message:
      `transactionTimeout of kafka.solo() is ${timeoutMs} ms, but the brokers take less: transaction.max.timeout.ms, ${USUAL_MAX} ` +
      'unless it was changed. Take a shorter one, or raise that setting of the brokers.',
    fields: { option: 'transactionTimeout', actual: timeoutMs },
    cause: error,
  });
}

/** Says where output is kept less safely than it could be. Nothing is broken: the job goes on. */
export async function warnOfReplication(admin: AdminDriver, topic: TopicDescription, logger: Logger): Promise<void> {
  const { name, partitions } = topic;
  const behind = partitions.findIndex(({ replicas, inSync }) => inSync < replicas);
  const short = partitions[behind];
  if (short !== undefined) {
    logger.warn(
      `topic '${name}': partition ${behind} has ${short.inSync} of ${short.replicas} replicas in sync. Writing stops below ` +
        'min.insync.replicas: see that the brokers are up.',
    );
  }
  const fewest = Math.min(...partitions.map(({ replicas }) => replicas));
  if (fewest > 1) return;
  // Made with as many replicas as the cluster is meant to have; not every client may see them.
  const internal = await admin.topics(INTERNAL_TOPICS).catch(() => []);
  const usual = Math.max(1, ...internal.flatMap((one) => one.partitions.map(({ replicas }) => replicas)));
  if (usual === 1) return;
  logger.warn(
    `topic '${name}' has 1 replica, the cluster's own topics have ${usual}: what is committed is lost with one broker. Add ` +
      'replicas (kafka-reassign-partitions), and set min.insync.replicas to 2.',
  );
}

/** Where sources go on, and what topics have become since. More partitions are fine; fewer mean that it is another topic. */
export function checkPartitionCounts(
  source: string,
  positions: Iterable<{ readonly topic: string; readonly partition: number }>,
  counts: ReadonlyMap<string, number>,
): void {
  for (const { topic, partition } of positions) {
    const count = counts.get(topic);
    if (count === undefined || partition < count) continue;
    throw new MillraceError('STATE_MISMATCH', {
      message:
        `Topic '${topic}' has ${count} partitions, but source '${source}' was reading partition ${partition} of it: the topic was made ` +
        'anew since the last commit. fresh: true starts over with what is there.',
      fields: { source, topic, partition, partitions: count },
    });
  }
}
