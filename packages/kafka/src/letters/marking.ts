import { MillraceError, optionError, systemClock } from 'millrace';
import { sizeOf } from '../bytes/record-size.ts';
import type { OutgoingRecord } from '../driver/driver.ts';
import { letterOf, type Letter } from './letter.ts';
import { markRecord, Marks, marksTopic, newMarksTopic, type Mark } from './mark.ts';
import { Returns } from './return.ts';
import { scan, type Cluster } from './scan.ts';
import type { ScannedRecord } from './scanned-record.ts';
import { isFenced, refusalOf, Transactions } from './transactions.ts';

/** What `retry` and `drop` have in common. */
export interface MarkingOptions {
  /** Only tells what would be done. Default `false`. */
  readonly dryRun?: boolean;
  /** Letters that are done, at most. Default: all that are chosen. */
  readonly limit?: number;
  /** Called after each transaction with the number of letters done so far. */
  readonly onProgress?: (done: number) => void;
}

/** What became of the letters. */
export interface MarkingResult {
  /** Letters that were marked now (of a dry run: that would be), and given back if that was asked for. */
  readonly done: number;
  /** Letters that were chosen, and had been marked before. */
  readonly before: number;
  /** Letters that were chosen and cannot be given back, and why. */
  readonly obstacles: readonly { readonly id: string; readonly reason: string }[];
}

/** What is done with the letters. */
interface Action {
  readonly state: Mark['state'];
  readonly to?: string | undefined;
  readonly reason?: string | undefined;
}

/** A letter that was chosen, and the records that do it: its mark, and what is given back. */
interface Chosen {
  readonly letter: ScannedRecord;
  readonly id: string;
  readonly records: readonly OutgoingRecord[];
}

/** Bytes of records in one transaction, above which it is committed; one letter may be larger. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Failures in a row that may pass, and the pause before each further try, milliseconds. */
const TRIES = 8;
const PAUSE_MS = 500;

/**
 * Marks letters, and gives them back, exactly once:
 *
 *   initTransactions      a predecessor's transaction is decided, and it is locked out: nothing will be marked but by this process
 *   marks read            to the end that the topic has now
 *   begin ... commit      records and their marks, again and again; letters with a mark are left out
 *
 * A process that is locked out by the next one fails at its next commit. After any failure of a transaction nobody knows whether it was
 * committed: all begins anew, and the marks tell.
 */
export class Marking {
  private readonly cluster: Cluster;
  private readonly topic: string;
  private readonly batch: number;
  private marks: Marks;
  private transactions: Transactions | undefined;
  private done = 0;
  private readonly obstacles: { readonly id: string; readonly reason: string }[] = [];

  constructor(cluster: Cluster, topic: string, batch: number) {
    this.cluster = cluster;
    this.topic = topic;
    this.batch = batch;
    this.marks = new Marks(topic);
  }

  async run(choose: (letter: Letter) => boolean, action: Action, options: MarkingOptions): Promise<MarkingResult> {
    const { dryRun = false, limit = Infinity, onProgress = () => undefined } = options;
    if (limit !== Infinity && (!Number.isInteger(limit) || limit < 1))
      throw optionError('limit', limit, 'a number from 1 on');
    let before = 0;
    let waiting: Chosen[] = [];
    let bytes = 0;
    const submit = async (): Promise<void> => {
      const batch = waiting;
      [waiting, bytes] = [[], 0];
      if (dryRun) this.done += batch.length;
      else await this.submit(batch);
      if (batch.length > 0) onProgress(this.done);
    };
    try {
      if (dryRun) await this.readMarks(false);
      else await this.begin();
      const returns = action.state === 'retried' ? new Returns(this.cluster.admin, action.to) : undefined;
      for await (const record of scan(this.cluster, this.topic)) {
        const letter = letterOf(record);
        if (!choose(letter)) continue;
        if (this.marks.of(record) !== undefined) {
          before++;
          continue;
        }
        const chosen = await this.chosen(record, letter, action, returns);
        if (chosen === undefined) continue;
        waiting.push(chosen);
        bytes += chosen.records.reduce((sum, one) => sum + sizeOf(one), 0);
        const full = waiting.length >= this.batch || bytes >= BATCH_BYTES;
        if (full || this.done + waiting.length >= limit) await submit();
        if (this.done >= limit) break;
      }
      await submit();
    } finally {
      await this.transactions?.close();
      this.transactions = undefined;
    }
    return { done: this.done, before, obstacles: this.obstacles };
  }

  private async chosen(
    record: ScannedRecord,
    letter: Letter,
    { state, to, reason }: Action,
    returns: Returns | undefined,
  ): Promise<Chosen | undefined> {
    const returned = await returns?.of(letter);
    if (returned !== undefined && 'obstacle' in returned) {
      this.obstacles.push({ id: letter.id, reason: returned.obstacle });
      return undefined;
    }
    const given = returned === undefined ? [] : [returned.record];
    const target = returned?.record.topic ?? to;
    const mark: Mark = {
      state,
      at: systemClock.now(),
      ...(target !== undefined && { to: target }),
      ...(reason !== undefined && { reason }),
    };
    return { letter: record, id: letter.id, records: [...given, markRecord(this.topic, record, mark)] };
  }

  /** Locks out whoever is at these letters, and knows from then on what is marked. */
  private async begin(): Promise<void> {
    const { admin } = this.cluster;
    const name = marksTopic(this.topic);
    if ((await admin.topics([name])).length === 0) await admin.createTopics([newMarksTopic(this.topic)]);
    this.transactions = await Transactions.open(this.cluster, name);
    await this.readMarks(true);
  }

  private async readMarks(complete: boolean): Promise<void> {
    const marks = new Marks(this.topic);
    for await (const record of scan(this.cluster, marksTopic(this.topic), { complete })) marks.add(record);
    this.marks = marks;
  }

  /** Each letter of the batch is marked when it resolves, or has become an obstacle. */
  private async submit(batch: readonly Chosen[]): Promise<void> {
    let rest = batch;
    let alone = false;
    for (let tries = 0; rest.length > 0;) {
      const part = alone ? rest.slice(0, 1) : rest;
      try {
        if (this.transactions === undefined) {
          await this.begin();
          // Marked by a transaction whose outcome was not known.
          const open = rest.filter(({ letter }) => this.marks.of(letter) === undefined);
          this.done += rest.length - open.length;
          rest = open;
          continue;
        }
        await this.transactions.commit(part.flatMap(({ records }) => records));
        this.done += part.length;
        rest = rest.slice(part.length);
        tries = 0;
      } catch (error) {
        await this.transactions?.close();
        this.transactions = undefined;
        if (isFenced(error)) throw this.fenced(error);
        const refusal = refusalOf(error);
        if (refusal !== undefined && part.length === 1) {
          this.obstacles.push({ id: (part[0] as Chosen).id, reason: refusal });
          rest = rest.slice(1);
          continue;
        }
        // One of them is at fault; the others are not to suffer for it.
        if (refusal !== undefined) alone = true;
        else if (!(error instanceof MillraceError && error.retryable) || ++tries === TRIES) throw error;
        else await new Promise<void>((resolve) => this.cluster.scheduler.after(PAUSE_MS, resolve));
      }
    }
  }

  private fenced(cause: unknown): MillraceError {
    return new MillraceError('CHECKPOINT_FENCED', {
      message:
        `Another process has begun to retry or drop letters of '${this.topic}', or this one was paused for longer than its transaction may ` +
        `take. ${this.done} letters were done and are marked; the same command goes on from there.`,
      fields: { topic: this.topic, done: this.done },
      cause,
    });
  }
}
