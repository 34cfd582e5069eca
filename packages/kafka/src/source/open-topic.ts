import { optionError, type SourceContext, type SourceReader } from 'millrace';
import type { ConsumerDriver } from '../driver/driver.ts';
import { autoCommit } from '../guards/auto-commit.ts';
import { singlePartitionInput } from '../guards/single-partition-input.ts';
import type { KafkaSession } from '../session/session.ts';
import { sessionOf } from '../session/session-of.ts';
import type { ConnectionOptions } from '../settings/connection.ts';
import { Discovery, isGone } from './discovery.ts';
import { EndsWatch } from './ends-watch.ts';
import { Fetcher, type Prepare } from './fetcher.ts';
import { openQueues } from './open-queues.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { Start, Until } from './start-offsets.ts';
import { TopicReader, type RecordDecoder } from './topic-reader.ts';

/** What is opened. */
export interface OpenedTopic extends Partial<ConnectionOptions> {
  /** A name, or a pattern of names. */
  readonly topic: string | RegExp;
  readonly start?: Start;
  readonly until?: Until;
  readonly group?: string;
  readonly discoveryMs: number;
  readonly decode: RecordDecoder;
  /** What must be awaited before records can be decoded. */
  readonly prepare?: Prepare | undefined;
}

/** A reader of a topic. If it cannot be opened, what was opened for it is closed again. */
export async function openTopic(options: OpenedTopic, context: SourceContext): Promise<SourceReader<unknown>> {
  const { topic, until, discoveryMs, decode } = options;
  const { session, own } = sessionOf(
    `kafka.topic('${String(topic)}')`,
    options,
    context,
    options.group ?? context.name,
  );
  if (!own && options.group !== undefined)
    throw optionError(
      `group of kafka.topic('${String(topic)}')`,
      options.group,
      'left out: the source belongs to the job, whose group has its name (prefix of kafka.solo())',
    );
  const close = async (): Promise<void> => {
    if (own) await session.close();
  };
  let consumer: ConsumerDriver | undefined;
  let watch: EndsWatch | undefined;
  try {
    const admin = await session.admin();
    const fetcher = new Fetcher(context.wake, options.prepare);
    const { driver } = session.connection;
    const opening = driver.consumer(session.connection.consumer(session.options.group), fetcher);
    const opened = (consumer = await session.open('connecting the consumer', opening));
    const discovery = new Discovery(topic, discoveryMs, admin, session.connection.bootstrap, context);
    const { partitions, gone } = await discovery.begin(context.positions);
    const queues = await openQueues(admin, session, partitions, options, context);
    reportGuards(options, session, queues.length, context);
    for (const queue of queues) fetcher.add(queue);
    session.registerSource(context.name, () => queues);
    session.onCommitWanted(context.requestCommit);
    const assign = (some: readonly PartitionQueue[]): void =>
      opened.assign(some.map(({ topic: name, partition, next: offset }) => ({ topic: name, partition, offset })));
    const discover = async (): Promise<void> => {
      const added = await discovery.look(queues).catch((error: unknown) => {
        // A question that failed is asked again; an answer that no job can go on with ends this life.
        if (isGone(error)) fetcher.failed(error);
        throw error;
      });
      for (const queue of added) {
        fetcher.add(queue);
        reader.add(queue);
      }
      assign(added);
      // From now on they hold event time back until they have delivered something or are seen to be empty.
      if (added.length > 0) context.wake();
    };
    watch = until === undefined ? new EndsWatch(session, context, () => queues, discover) : undefined;
    const reader = new TopicReader({ queues, gone, consumer: opened, fetcher, decode, watch, close });
    assign(queues.filter((queue) => !queue.ended));
    fetcher.begin(opened);
    return reader;
  } catch (error) {
    watch?.close();
    await Promise.allSettled([consumer?.close(), close()]);
    throw error;
  }
}

/** What shows only now: how many partitions the topics have, and who has committed for the group. */
function reportGuards(
  { topic, start, until }: OpenedTopic,
  session: KafkaSession,
  partitions: number,
  { guard }: SourceContext,
): void {
  if (guard === undefined) return;
  const live = until === undefined;
  const where = `kafka.topic('${String(topic)}')`;
  const findings = [
    ...(live ? singlePartitionInput(where, partitions, session.widestSink) : []),
    ...(start === 'committed' ? [] : autoCommit(session.options.group, session.groupOffsets)),
  ];
  for (const finding of findings) guard(finding);
}
