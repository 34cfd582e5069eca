import { messageOf, type Cancellable, type SourceContext } from 'millrace';
import type { KafkaSession } from '../session/session.ts';
import type { PartitionQueue } from './partition-queue.ts';

/** Between two questions for the ends of partitions, milliseconds. */
const LOOK_MS = 1_000;
/** An answer older than this proves nothing any more. */
const FRESH_MS = 2_500;

/** So long without an answer, milliseconds, and it is told of: brokers that restart one by one are away for less. */
const SILENT_MS = 10_000;

/** What the watch needs of the source's context. */
type WatchContext = Pick<SourceContext, 'name' | 'clock' | 'scheduler' | 'logger'>;

/** Asks the broker every second where partitions end: lag, and proof that a quiet partition is really at its end. */
export class EndsWatch {
  private readonly session: KafkaSession;
  private readonly context: WatchContext;
  private readonly queues: () => readonly PartitionQueue[];
  private readonly onLook: () => Promise<void>;
  private ends = new Map<string, number>();
  private askedMs = -Infinity;
  private timer: Cancellable | undefined;
  /** Goes off when there was no answer for too long, be it an error or none at all. */
  private silence: Cancellable | undefined;
  private answeredMs: number;
  private told = false;
  private error: unknown;
  private closed = false;

  constructor(
    session: KafkaSession,
    context: WatchContext,
    queues: () => readonly PartitionQueue[],
    onLook: () => Promise<void>,
  ) {
    this.session = session;
    this.context = context;
    this.queues = queues;
    this.onLook = onLook;
    this.answeredMs = context.clock.monotonic();
    this.schedule();
    this.listen();
  }

  /** Records behind the position, also of open transactions, control records among them included; `undefined`: not known, or not lately. */
  lag(queue: PartitionQueue): number | undefined {
    const end = this.endOf(queue);
    if (end === undefined) return undefined;
    // What lies below an end where the client stood is no record; what lies behind it came since, or is not committed yet.
    return Math.max(0, end - (queue.atEnd ? queue.endOffset : queue.next));
  }

  /** Whether the broker has lately said that there is nothing behind the position. */
  caughtUp(queue: PartitionQueue): boolean {
    const end = this.endOf(queue);
    return end !== undefined && queue.atEnd && queue.endOffset >= end;
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.silence?.cancel();
  }

  private endOf(queue: PartitionQueue): number | undefined {
    return this.context.clock.monotonic() - this.askedMs > FRESH_MS ? undefined : this.ends.get(queue.id);
  }

  private schedule(): void {
    if (this.closed) return;
    this.timer = this.context.scheduler.after(LOOK_MS, () => {
      // A broker that does not answer makes nothing idle; the next question may be answered.
      void this.look()
        .then(
          () => this.answered(),
          (error: unknown) => {
            this.error = error;
          },
        )
        .finally(() => this.schedule());
    });
  }

  private async look(): Promise<void> {
    // A topic that was deleted is why ends cannot be told, and is found by looking for partitions.
    const [ends, looked] = await Promise.allSettled([this.askForEnds(), this.onLook()]);
    if (looked.status === 'rejected') throw looked.reason;
    if (ends.status === 'rejected') throw ends.reason;
  }

  private async askForEnds(): Promise<void> {
    const askedMs = this.context.clock.monotonic();
    const queues = [...this.queues()];
    const admin = await this.session.admin();
    const ends = await admin.offsets(queues, 'latest');
    this.ends = new Map(queues.map((queue, i) => [queue.id, ends[i] as number]));
    this.askedMs = askedMs;
  }

  private answered(): void {
    const { clock, logger, name } = this.context;
    const nowMs = clock.monotonic();
    const silentMs = nowMs - this.answeredMs;
    this.answeredMs = nowMs;
    this.error = undefined;
    this.listen();
    if (!this.told) return;
    this.told = false;
    logger.info(`source '${name}': the brokers answer again, after ${Math.round(silentMs / 1_000)} s`);
  }

  private listen(): void {
    this.silence?.cancel();
    if (this.closed) return;
    this.silence = this.context.scheduler.after(SILENT_MS, () => {
      const { logger, name } = this.context;
      this.told = true;
      const why = this.error === undefined ? 'There is no answer' : messageOf(this.error);
      logger.warn(
        `source '${name}': for ${SILENT_MS / 1_000} s the brokers have not answered all questions for its partitions: lag may be unknown, ` +
          `quiet ones may hold event time back, and new ones are not found. It is tried again every second. ${why}`,
      );
    });
  }
}
