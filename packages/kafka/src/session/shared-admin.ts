import type { Scheduler } from 'millrace';
import type { AdminDriver } from '../driver/driver.ts';
import { retryingAdmin } from '../driver/retrying-admin.ts';
import type { Connection } from '../settings/connection.ts';

/** One client for questions, for all connectors of a job; opened when it is first asked for. */
export class SharedAdmin {
  private readonly connection: Connection;
  private readonly scheduler: Scheduler;
  private readonly callMs: number;
  private opened: Promise<AdminDriver> | undefined;

  /** @param callMs how long one of its calls may take, milliseconds */
  constructor(connection: Connection, scheduler: Scheduler, callMs: number) {
    this.connection = connection;
    this.scheduler = scheduler;
    this.callMs = callMs;
  }

  client(): Promise<AdminDriver> {
    if (this.opened !== undefined) return this.opened;
    const { driver, admin: settings } = this.connection;
    const opened = driver.admin(settings).then((admin) => retryingAdmin(admin, this.scheduler, this.callMs));
    this.opened = opened;
    // Brokers that cannot be reached now may be there in the next life of the job.
    opened.catch(() => {
      if (this.opened === opened) this.opened = undefined;
    });
    return opened;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await (await opened?.catch(() => undefined))?.close();
  }
}
