import { MillraceError, type Scheduler } from 'millrace';
import { CALL_MS } from '../driver/watchdog.ts';
import { SharedAdmin } from '../session/shared-admin.ts';
import type { Connection } from '../settings/connection.ts';

/** How many partitions topics have. */
export class TopicCatalog {
  private readonly connection: Connection;
  private readonly admin: SharedAdmin;

  constructor(connection: Connection, scheduler: Scheduler) {
    this.connection = connection;
    this.admin = new SharedAdmin(connection, scheduler, CALL_MS);
  }

  /** @throws MillraceError `IO_NOT_FOUND` if there is no such topic, else `IO_FAILED` */
  async partitionsOf(topic: string): Promise<number> {
    const admin = await this.admin.client();
    const [described] = await admin.topics([topic]);
    if (described !== undefined && described.partitions.length > 0) return described.partitions.length;
    throw new MillraceError('IO_NOT_FOUND', {
      message: `Topic '${topic}' does not exist on ${this.connection.bootstrap}. Create it, or correct its name.`,
      fields: { topic },
      retryable: true,
    });
  }

  close(): Promise<void> {
    return this.admin.close();
  }
}
