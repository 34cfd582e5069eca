import { checkOptions, MillraceError, optionError, systemScheduler } from 'millrace';
import { retryingAdmin } from '../driver/retrying-admin.ts';
import { CALL_MS } from '../driver/watchdog.ts';
import { checkTopicName } from '../driver/topic-name.ts';
import { Connection, CONNECTION_OPTIONS, type ConnectionOptions } from '../settings/connection.ts';
import { letterOf, type Letter } from './letter.ts';
import { Marks, marksTopic } from './mark.ts';
import { Marking, type MarkingOptions, type MarkingResult } from './marking.ts';
import { scan, type Cluster } from './scan.ts';
import { placeOf } from './scanned-record.ts';

/** Options of `kafka.letters`. */
export interface LettersOptions extends ConnectionOptions {
  /** Topic of the letters: `dlq.<group>.<topic>`, or the one given to `kafka.deadLetters`. */
  readonly topic: string;
  /** Letters that are marked in one transaction, 1 to 10,000. Default 500. */
  readonly batch?: number;
}

/** Options of `retry`. */
export interface RetryOptions extends MarkingOptions {
  /** Topic that all are given back to. Default: the one each came from. */
  readonly to?: string;
}

/** Options of `drop`. */
export interface DropOptions extends MarkingOptions {
  /** Why; kept in the mark. */
  readonly reason?: string;
}

/** The dead letters of one topic. */
export interface Letters {
  /** All letters, each partition in its order, with what was done with them. */
  read(): AsyncIterable<Letter>;
  /** One letter; `undefined`: there is none with this id, or no more. */
  find(id: string): Promise<Letter | undefined>;
  /**
   * Gives letters back to the topics they came from: key, value, timestamp, partition and headers of the record. Exactly once: a
   * transaction holds the records and marks of their letters, and what is marked is never given back again, whatever is killed
   * at whatever moment.
   *
   * @param choose whether a letter is meant; asked once for each letter that is not marked
   * @throws {MillraceError} `CHECKPOINT_FENCED`: another process has begun with the same letters; `IO_FAILED`. What was done before
   *   is marked
   */
  retry(choose: (letter: Letter) => boolean, options?: RetryOptions): Promise<MarkingResult>;
  /** Marks letters as dropped: they are not given back any more. Throws as `retry` does. */
  drop(choose: (letter: Letter) => boolean, options?: DropOptions): Promise<MarkingResult>;
  close(): Promise<void>;
}

const WHERE = 'kafka.letters()';
const BATCH = 500;
const BATCH_MAX = 10_000;

/**
 * Opens the dead letters in a topic, to be looked at, given back or dropped; `millrace dlq` of `@millrace/cli` is made of it.
 *
 * @throws {MillraceError} `OPTION_INVALID`; `IO_NOT_FOUND` if there is no such topic; `IO_FAILED`
 * @example
 * const letters = await kafka.letters({ bootstrap, topic: 'dlq.revenue.orders.created' });
 * for await (const { id, message } of letters.read()) console.log(id, message);
 * await letters.retry(({ code }) => code === 'USER_FUNCTION');
 * await letters.close();
 */
export async function letters(options: LettersOptions): Promise<Letters> {
  checkOptions(WHERE, options, ['topic', 'batch', ...CONNECTION_OPTIONS]);
  const { topic, batch = BATCH } = options;
  checkTopicName(`topic of ${WHERE}`, topic);
  checkTopicName(
    `topic of the marks of ${WHERE}`,
    marksTopic(topic),
    ': it is millrace-dlq.<topic>, so that of the letters is too long',
  );
  if (!Number.isInteger(batch) || batch < 1 || batch > BATCH_MAX)
    throw optionError(`batch of ${WHERE}`, batch, `a number from 1 to ${BATCH_MAX}`);
  const cluster = await reach(options);
  try {
    if ((await cluster.admin.topics([topic])).length > 0) return new TopicLetters(cluster, topic, batch);
    throw new MillraceError('IO_NOT_FOUND', {
      message: `There is no topic '${topic}' on ${cluster.connection.bootstrap}. Those of dead letters are called dlq.<group>.<topic>.`,
      fields: { topic },
    });
  } catch (error) {
    await cluster.admin.close();
    throw error;
  }
}

/**
 * Names of the topics of dead letters that `kafka.deadLetters` made by itself: `dlq.<group>.<topic>`, in their order.
 *
 * @throws {MillraceError} `OPTION_INVALID`, `IO_FAILED`
 * @example
 * await kafka.letterTopics({ bootstrap: 'localhost:9092' }); // ['dlq.revenue.orders.created']
 */
export async function letterTopics(options: ConnectionOptions): Promise<readonly string[]> {
  checkOptions('kafka.letterTopics()', options, CONNECTION_OPTIONS);
  const { admin } = await reach(options);
  try {
    return (await admin.topicNames()).filter((name) => name.startsWith('dlq.')).sort();
  } finally {
    await admin.close();
  }
}

async function reach({ bootstrap, security, client, driver }: ConnectionOptions): Promise<Cluster> {
  const given = { ...(security && { security }), ...(client && { client }), ...(driver && { driver }) };
  const connection = new Connection(WHERE, { bootstrap, ...given });
  const admin = retryingAdmin(await connection.driver.admin(connection.admin), systemScheduler);
  return { connection, admin, scheduler: systemScheduler, callMs: CALL_MS };
}

class TopicLetters implements Letters {
  private readonly cluster: Cluster;
  private readonly topic: string;
  private readonly batch: number;

  constructor(cluster: Cluster, topic: string, batch: number) {
    this.cluster = cluster;
    this.topic = topic;
    this.batch = batch;
  }

  async *read(): AsyncGenerator<Letter> {
    const marks = await this.marks();
    for await (const record of scan(this.cluster, this.topic)) {
      const mark = marks.of(record);
      yield { ...letterOf(record), ...(mark && { mark }) };
    }
  }

  async find(id: string): Promise<Letter | undefined> {
    const place = placeOf(id);
    if (place === undefined) throw optionError('id of a letter', id, "'<partition>-<offset>', such as '0-17'");
    const marks = await this.marks();
    for await (const record of scan(this.cluster, this.topic, { from: place })) {
      if (record.offset !== place.offset) return undefined;
      const mark = marks.of(record);
      return { ...letterOf(record), ...(mark && { mark }) };
    }
    return undefined;
  }

  retry(choose: (letter: Letter) => boolean, options: RetryOptions = {}): Promise<MarkingResult> {
    checkOptions('retry()', options, ['to', 'dryRun', 'limit', 'onProgress']);
    const { to, ...rest } = options;
    if (to !== undefined) checkTopicName('to of retry()', to);
    // It would find them again at its end, and never come to it.
    if (to === this.topic) throw optionError('to of retry()', to, 'another topic than that of the letters');
    return this.marking().run(choose, { state: 'retried', to }, rest);
  }

  drop(choose: (letter: Letter) => boolean, options: DropOptions = {}): Promise<MarkingResult> {
    checkOptions('drop()', options, ['reason', 'dryRun', 'limit', 'onProgress']);
    const { reason, ...rest } = options;
    if (reason !== undefined && typeof reason !== 'string') throw optionError('reason of drop()', reason, 'text');
    return this.marking().run(choose, { state: 'dropped', reason }, rest);
  }

  close(): Promise<void> {
    return this.cluster.admin.close();
  }

  private marking(): Marking {
    return new Marking(this.cluster, this.topic, this.batch);
  }

  private async marks(): Promise<Marks> {
    const marks = new Marks(this.topic);
    for await (const record of scan(this.cluster, marksTopic(this.topic))) marks.add(record);
    return marks;
  }
}
