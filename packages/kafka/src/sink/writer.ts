import type { CheckpointName, Committed, JsonValue, SinkContext, SinkTransaction, SinkWriter } from 'millrace';
import type { OutgoingRecord } from '../driver/driver.ts';
import { isTooLarge } from '../refusals/refusal-errors.ts';
import type { KafkaSession } from '../session/session.ts';
import { sizeOf } from '../bytes/record-size.ts';

/** Records that wait for the client or for the next transaction, above which the job takes no more. */
const BACKLOG_RECORDS = 20_000;
/** And bytes of them: large records must not fill the memory while a commit takes long. */
const BACKLOG_BYTES = 32 * 1024 * 1024;
/** How long a full client is left alone, milliseconds. */
const RETRY_MS = 2;

/** What must be there before a record can be sent: a topic. */
export interface Precondition {
  ready(record: OutgoingRecord): boolean;
  prepare(record: OutgoingRecord): Promise<void>;
}

/** What is written in place of a record that is too large for its topic; `undefined`: nothing. */
export type Shorten = (record: OutgoingRecord) => OutgoingRecord | undefined;

const NONE: Precondition = { ready: () => true, prepare: () => Promise.resolve() };

/**
 * Writes records through the session's producer.
 *
 *   write --> producer            in the transaction that is open
 *        \--> backlog             while the client has no room, or from the cut of N until N is committed: it belongs to N + 1
 */
export class KafkaWriter<T> implements SinkWriter<T> {
  readonly transaction?: SinkTransaction;
  private readonly encode: (value: T, timestampMs: number) => OutgoingRecord;
  private readonly session: KafkaSession;
  private readonly context: SinkContext;
  private readonly close: () => Promise<void>;
  private readonly precondition: Precondition;
  private readonly shorten: Shorten;
  private preparing = false;
  private failure: Error | undefined;
  /** Of the transaction that is open, without room in the client. */
  private backlog: OutgoingRecord[] = [];
  /** Of `backlog` and `held`. */
  private waitingBytes = 0;
  /** Of the next transaction; `undefined`: none is being committed. */
  private held: OutgoingRecord[] | undefined;
  private retrying = false;
  private draining: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  private ended = false;

  constructor(
    encode: (value: T, timestampMs: number) => OutgoingRecord,
    session: KafkaSession,
    context: SinkContext,
    close: () => Promise<void>,
    precondition: Precondition = NONE,
    shorten: Shorten = () => undefined,
  ) {
    this.shorten = shorten;
    this.precondition = precondition;
    this.encode = encode;
    this.session = session;
    this.context = context;
    this.close = close;
    session.onFailure(context.wake);
    session.onCommitWanted(context.requestCommit);
    if (session.options.transactional) this.transaction = this.transactionOf();
  }

  get buffered(): number {
    return this.backlog.length + (this.held?.length ?? 0);
  }

  write(value: T, timestampMs: number): void {
    const record = this.admitted(this.encode(value, timestampMs));
    if (record === undefined) return;
    if (this.held !== undefined) this.keep(this.held, record);
    else if (this.backlog.length > 0 || !this.sent(record)) {
      this.keep(this.backlog, record);
      if (!this.preparing) this.retryLater();
    }
  }

  ready(): boolean {
    if (this.failure !== undefined) throw this.failure;
    this.session.check();
    return this.buffered < BACKLOG_RECORDS && this.waitingBytes < BACKLOG_BYTES;
  }

  async flush(): Promise<void> {
    await this.drained();
    await this.session.flush();
  }

  async finish(): Promise<void> {
    if (this.transaction === undefined) await this.flush();
    await this.end();
  }

  async abort(): Promise<void> {
    await this.end();
  }

  private async end(): Promise<void> {
    this.ended = true;
    await this.close();
  }

  private transactionOf(): SinkTransaction {
    const { session } = this;
    return {
      recover: () => session.ensureTransaction(),
      cut: (_name: CheckpointName) => {
        this.held = [];
      },
      prepare: async (): Promise<JsonValue> => {
        await this.drained();
        await session.flush();
        return null;
      },
      commit: (_committed: Committed) => {
        // It may be repeated, also by a predecessor that was paused right before it.
        if (this.held === undefined) return Promise.resolve();
        this.backlog = this.held;
        this.held = undefined;
        this.drain();
        return Promise.resolve();
      },
    };
  }

  /** What is to be written now; `undefined`: nothing, the record must be tried first. */
  private admitted(record: OutgoingRecord): OutgoingRecord | undefined {
    const { suspects } = this.session;
    if (!suspects.watching) return record;
    try {
      return suspects.admits(record) ? record : undefined;
    } catch (error) {
      const shorter = isTooLarge(error) ? this.shorten(record) : undefined;
      if (shorter === undefined) throw error;
      return suspects.admits(shorter) ? shorter : undefined;
    }
  }

  private keep(records: OutgoingRecord[], record: OutgoingRecord): void {
    records.push(record);
    this.waitingBytes += sizeOf(record);
  }

  /** Hands a record to the client; `false`: it must wait. */
  private sent(record: OutgoingRecord): boolean {
    if (this.precondition.ready(record)) return this.session.send(record);
    if (this.preparing) return false;
    this.preparing = true;
    this.precondition
      .prepare(record)
      .catch((error: unknown) => {
        this.failure = error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.preparing = false;
        if (!this.ended) this.drain();
      });
    return false;
  }

  /** Resolves once the client has taken everything that waited for room. */
  private drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.draining.push({ resolve, reject });
      this.drain();
    });
  }

  private drain(): void {
    let sent = 0;
    try {
      if (this.failure !== undefined) throw this.failure;
      this.session.check();
      for (const record of this.backlog) {
        if (!this.sent(record)) break;
        this.waitingBytes -= sizeOf(record);
        sent++;
      }
    } catch (error) {
      for (const { reject } of this.draining) reject(error);
      this.draining = [];
      // `ready` tells the step loop.
      this.context.wake();
      return;
    }
    if (sent > 0) this.backlog = this.backlog.slice(sent);
    if (this.backlog.length > 0) {
      if (!this.preparing) this.retryLater();
      return;
    }
    for (const { resolve } of this.draining) resolve();
    this.draining = [];
    if (sent > 0) this.context.wake();
  }

  private retryLater(): void {
    if (this.retrying || this.ended) return;
    this.retrying = true;
    this.context.scheduler.after(RETRY_MS, () => {
      this.retrying = false;
      if (!this.ended) this.drain();
    });
  }
}
