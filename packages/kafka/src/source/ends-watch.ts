import type { Cancellable, Clock, Scheduler } from 'millrace';
import type { KafkaSession } from '../session/session.ts';
import type { PartitionQueue } from './partition-queue.ts';

/** Between two questions for the ends of partitions, milliseconds. */
const LOOK_MS = 1_000;
/** An answer older than this proves nothing any more. */
const FRESH_MS = 2_500;

/** Asks the broker every second where partitions end: lag, and proof that a quiet partition is really at its end. */
export class EndsWatch {
  private readonly session: KafkaSession;
  private readonly clock: Clock;
  private readonly scheduler: Scheduler;
  private readonly queues: () => readonly PartitionQueue[];
  private readonly onLook: () => Promise<void>;
  private ends = new Map<string, number>();
  private askedMs = -Infinity;
  private timer: Cancellable | undefined;
  private closed = false;

  constructor(
    session: KafkaSession,
    time: { readonly clock: Clock; readonly scheduler: Scheduler },
    queues: () => readonly PartitionQueue[],
    onLook: () => Promise<void>,
  ) {
    this.session = session;
    this.clock = time.clock;
    this.scheduler = time.scheduler;
    this.queues = queues;
    this.onLook = onLook;
    this.schedule();
  }

  /** Records behind the position, also of open transactions, control records among them included; `undefined`: not known yet. */
  lag(queue: PartitionQueue): number | undefined {
    const end = this.ends.get(queue.id);
    if (end === undefined) return undefined;
    // What lies below an end where the client stood is no record; what lies behind it came since, or is not committed yet.
    return Math.max(0, end - (queue.atEnd ? queue.endOffset : queue.next));
  }

  /** Whether the broker has lately said that there is nothing behind the position. */
  caughtUp(queue: PartitionQueue): boolean {
    const end = this.ends.get(queue.id);
    if (end === undefined || this.clock.monotonic() - this.askedMs > FRESH_MS) return false;
    return queue.atEnd && queue.endOffset >= end;
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
  }

  private schedule(): void {
    if (this.closed) return;
    this.timer = this.scheduler.after(LOOK_MS, () => {
      // A broker that does not answer makes nothing idle; the next question may be answered.
      void this.look()
        .catch(() => undefined)
        .finally(() => this.schedule());
    });
  }

  private async look(): Promise<void> {
    const askedMs = this.clock.monotonic();
    const queues = this.queues();
    const admin = await this.session.admin();
    const ends = await admin.offsets(queues, 'latest');
    if (this.closed) return;
    this.ends = new Map(queues.map((queue, i) => [queue.id, ends[i] as number]));
    this.askedMs = askedMs;
    await this.onLook();
  }
}
