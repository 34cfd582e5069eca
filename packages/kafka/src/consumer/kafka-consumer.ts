import { messageOf, MillraceError, systemScheduler } from 'millrace';
import type { AdminDriver, MemberDriver } from '../driver/driver.ts';
import { watched, watchedOpening } from '../driver/watchdog.ts';
import { SharedAdmin } from '../session/shared-admin.ts';
import { Attempts } from './attempts.ts';
import { Commits } from './commits.ts';
import type { ConsumerHandler } from './consumed-record.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import { KeyedWork } from './keyed-work.ts';
import { Letters } from './letters.ts';
import { Reading } from './reading.ts';
import { Share } from './share.ts';

/** How long brokers may take to answer at the start, milliseconds. */
const OPEN_MS = 60_000;
/** How long each client may take to close, milliseconds. */
const CLOSE_MS = 10_000;

/** How far a consumer is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record that is not done. */
  readonly position: number;
  /** Offset behind the last record of the partition. */
  readonly end: number;
  /** Records between the two. */
  readonly lag: number;
}

/** Reads topics as a member of a group, and hands each record to a handler. Made by `kafka.consumer`. */
export interface KafkaConsumer<T, K> {
  /**
   * Joins the group and hands over records until `stop`, `close`, or a failure.
   *
   * @throws {MillraceError} `JOB_STATE` for a second call, `IO_NOT_FOUND` for a topic that does not exist, `IO_FAILED` if the
   *   cluster cannot be reached or letters cannot be written, `DEPENDENCY_MISSING` without the client; with `onError: 'fail'` what
   *   the handler or the format has thrown, with topic, partition and offset
   */
  run(handler: ConsumerHandler<T, K>): Promise<void>;
  /**
   * Takes no more records, waits for handlers up to `drainTimeout`, commits what is done and leaves the group. Resolves when `run`
   * has. May be called again, and before `run`.
   */
  stop(): Promise<void>;
  /** Like `stop`, without waiting for handlers: their signals are aborted, and their records are done again elsewhere. */
  close(): Promise<void>;
  /** How far it is behind in each partition that is its own now; asks the brokers. */
  lag(): Promise<readonly PartitionLag[]>;
}

/**
 *   idle --run--> running --stop, close, failure--> ending --clients closed--> ended
 *      \------------------------ stop, close ------------------------------------^
 */
type State = 'idle' | 'running' | 'ending' | 'ended';

/** The parts of a consumer that runs. */
interface Running {
  readonly share: Share;
  readonly reading: Reading;
  readonly commits: Commits;
  readonly letters: Letters;
  member: MemberDriver | undefined;
}

/** @see KafkaConsumer */
export class GroupConsumer implements KafkaConsumer<unknown, unknown> {
  private readonly settings: ConsumerSettings;
  private readonly admin: SharedAdmin;
  private state: State = 'idle';
  private running: Running | undefined;
  private failure: Error | undefined;
  private ending: Promise<void> | undefined;
  private resolveEnded: () => void = () => undefined;
  private readonly ended: Promise<void>;

  constructor(settings: ConsumerSettings) {
    this.settings = settings;
    this.admin = new SharedAdmin(settings.connection, systemScheduler, OPEN_MS);
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
  }

  async run(handler: ConsumerHandler<unknown, unknown>): Promise<void> {
    if (typeof handler !== 'function')
      throw new MillraceError('OPTION_INVALID', {
        message: `handler of run() is ${typeof handler}, but must be a function.`,
      });
    if (this.state !== 'idle')
      throw new MillraceError('JOB_STATE', {
        message: `The consumer is ${this.state}: it runs once. Make another one.`,
      });
    this.state = 'running';
    const running = this.parts(handler);
    this.running = running;
    this.open(running).catch((error: unknown) => this.fail(error as Error));
    await this.ended;
    if (this.failure !== undefined) throw this.failure;
  }

  stop(): Promise<void> {
    return this.end(this.settings.drainMs);
  }

  close(): Promise<void> {
    const ended = this.end(0);
    // A stop that is under way may be waiting for them.
    this.running?.share.hurryUp();
    return ended;
  }

  async lag(): Promise<readonly PartitionLag[]> {
    const lanes = this.running?.share.lanes ?? [];
    if (lanes.length === 0) return [];
    const ends = await this.client()
      .then((admin) => admin.offsets(lanes, 'latest'))
      .catch(async (error: unknown) => {
        // Another client may find the brokers again.
        await this.admin.close();
        throw error;
      });
    return lanes.map(({ topic, partition, offsets }, i) => {
      const position = offsets.committable;
      const end = Math.max(ends[i] as number, position);
      return { topic, partition, position, end, lag: end - position };
    });
  }

  private client(): Promise<AdminDriver> {
    return this.admin.client();
  }

  private parts(handler: ConsumerHandler<unknown, unknown>): Running {
    const { settings } = this;
    const fail = (error: Error): void => this.fail(error);
    const work = new KeyedWork(settings.concurrency);
    const letters = new Letters(settings, this.admin);
    const commits = new Commits(settings.logger, settings.commitMs, () => share.lanes, fail);
    const attempts = new Attempts({
      settings,
      work,
      handler,
      fail,
      writeLetter: (rejection) => letters.write(rejection),
      finished: (lane) => reading.finished(lane),
    });
    const reading: Reading = new Reading({
      settings,
      work,
      attempts,
      fail,
      commitAhead: (lanes) =>
        commits.insist(
          lanes.map(({ topic, partition, offsets }) => ({ topic, partition, offset: offsets.next })),
          () => lanes.some(({ isClosed }) => isClosed),
        ),
    });
    const share: Share = new Share({
      settings,
      admin: () => this.client(),
      renewAdmin: () => this.admin.close(),
      reading,
      commits,
      fail,
    });
    return { share, reading, commits, letters, member: undefined };
  }

  private async open(running: Running): Promise<void> {
    const { connection, group, topics, instance, drainMs, logger, atMostOnce } = this.settings;
    const { driver } = connection;
    const { reading, share, commits } = running;
    const found = new Set((await (await this.client()).topics(topics)).map(({ name }) => name));
    const missing = topics.filter((name) => !found.has(name));
    if (missing.length > 0)
      throw new MillraceError('IO_NOT_FOUND', {
        message: `Consumer of group '${group}': there is no topic ${missing.map((name) => `'${name}'`).join(', ')} on ${connection.bootstrap}. Make it first, or correct topics.`,
        fields: { group, topics: missing },
      });
    const events = { ready: reading.wake, failed: (error: Error) => this.fail(error) };
    const opening = driver.consumer(connection.consumer(group), events);
    const consumer = await watchedOpening('connecting the consumer', systemScheduler, opening, OPEN_MS);
    if (this.state !== 'running') return consumer.close();
    reading.begin(consumer);
    logger.info(`joining group '${group}' for ${topics.join(', ')}`);
    const member = { ...connection.member(group, instance), ...roundLimit(drainMs) };
    const joining = driver.member(member, topics, share);
    const joined = await watchedOpening('joining the group', systemScheduler, joining, OPEN_MS);
    if (this.state !== 'running') return joined.close();
    running.member = joined;
    commits.begin(running.member, !atMostOnce);
  }

  private fail(error: Error): void {
    if (this.state !== 'running') return;
    this.failure = error;
    this.settings.logger.error(`the consumer of group '${this.settings.group}' ends: ${messageOf(error)}`);
    void this.end(0);
  }

  private end(drainMs: number): Promise<void> {
    this.ending ??= this.shutDown(drainMs).finally(() => {
      this.state = 'ended';
      this.resolveEnded();
    });
    return this.ending;
  }

  private async shutDown(drainMs: number): Promise<void> {
    this.state = 'ending';
    const { running } = this;
    if (running !== undefined) {
      await running.share.stop(drainMs);
      running.commits.end();
      await this.closed('leaving the group', running.member);
      await this.closed('closing the consumer', running.reading);
      await this.closed('closing the producer of dead letters', running.letters);
    }
    await this.closed('closing the admin client', this.admin);
  }

  /** What does not close in time is left behind. */
  private async closed(step: string, client: { close(): Promise<void> } | undefined): Promise<void> {
    if (client === undefined) return;
    try {
      await watched(step, systemScheduler, client.close(), CLOSE_MS);
    } catch (error) {
      this.settings.logger.warn(messageOf(error));
    }
  }
}

/** How long a round of the group waits for this member, so that handlers have their time: the client's default, or more. */
function roundLimit(drainMs: number): { readonly 'max.poll.interval.ms': number } {
  return { 'max.poll.interval.ms': Math.max(300_000, drainMs + 60_000) };
}
