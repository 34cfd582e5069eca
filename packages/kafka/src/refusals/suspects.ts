import { MillraceError, type Logger } from 'millrace';
import type { GivenUpRecord, OutgoingRecord } from '../driver/driver.ts';
import { sizeOf } from '../bytes/record-size.ts';
import { contentHash, wholeHash } from './record-hash.ts';
import { reasonOf, refusedBatch, refusedRecord, refusedTopic, type Reason } from './refusal-errors.ts';
import { tryAlone, type OpenTrial } from './trial.ts';
import { isOfSize, verdictOf } from './verdict.ts';

/** Suspects kept at most, and bytes of those gathered: what comes above is found again at a later rollback. */
const SUSPECTS_MAX = 20_000;
const GATHERED_BYTES_MAX = 32 * 1024 * 1024;
/** Commits in a row that no record concerned: the replay has passed them, and hashing is not needed any more. */
const COMMITS_KEPT = 10;
/** Rollbacks in a row that led to nothing, above which they count as failures and the restart policy decides. */
const FRUITLESS_MAX = 3;
/** A batch that is too large for its topic is followed by ones of this part of its size. */
const SHRINK = 4;

/**
 * Finds out which records their topics refuse ("poison"), over the lives of a job:
 *
 *   life 1   a batch is refused: all its records are suspects (a report holds key and value, but neither headers nor timestamp).
 *            Rollback
 *   life 2   suspects that are written again are gathered, whole, and left out. The next commit does not happen. Rollback
 *   before 3 each gathered record is sent alone, in a transaction that is aborted: what is refused now is condemned
 *   life 3   `admits` throws for the condemned: `onError` decides, as for any record that a sink cannot write
 *
 * If none of them is at fault, their batch was too large for the topic: smaller ones are made from then on. In memory only: a
 * new process finds out again.
 */
export class Suspects {
  /** Largest batch, bytes; `undefined`: as the client is set. */
  batchBytes: number | undefined;
  /** Topics of dead letters, which are told apart by key and value alone: a header says when they were written. */
  readonly letterTopics = new Set<string>();
  private readonly logger: Logger;
  /** By what a report has of them. */
  private readonly suspects = new Map<string, Reason>();
  /** By all there is to a record, and by what a report has of it. */
  private readonly condemned = new Map<string, Reason>();
  private readonly condemnedContents = new Set<string>();
  private gathered = new Map<string, { readonly record: OutgoingRecord; readonly reason: Reason }>();
  private gatheredBytes = 0;
  private rolledBack = false;
  private fruitless = 0;
  private quietCommits = 0;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  /** Whether records must be looked at; else writing costs nothing more. */
  get watching(): boolean {
    return this.suspects.size > 0 || this.condemned.size > 0;
  }

  /** A record was given up. Returns the error with which the life ends. */
  givenUp(error: Error, record: GivenUpRecord): Error {
    const reason = this.reasonFor(record, error);
    const verdict = verdictOf(reason.code);
    if (verdict === 'never') return refusedTopic(record.topic, reason);
    if (verdict === 'passing') return error;
    this.rolledBack = true;
    if (verdict === 'record' && this.suspects.size < SUSPECTS_MAX) this.suspects.set(contentHash(record), reason);
    return refusedBatch(record, reason, this.fruitless >= FRUITLESS_MAX);
  }

  /** The client itself did not take a record, and no other is concerned. Returns the error with which the life ends. */
  notTaken(error: Error, record: OutgoingRecord): Error {
    const reason = this.reasonFor(record, error);
    if (verdictOf(reason.code) !== 'record') return error;
    this.condemn(record, reason);
    this.rolledBack = true;
    return refusedBatch({ ...record, partition: record.partition ?? 0 }, reason, false);
  }

  /** The client says of the whole transaction what reports will say, or have said, of its records. */
  ofTransaction(error: unknown): unknown {
    const reason = reasonOf(error);
    if (verdictOf(reason.code) !== 'record' || this.fruitless >= FRUITLESS_MAX) return error;
    this.rolledBack = true;
    const message = error instanceof Error ? error.message : String(error);
    return new MillraceError('RECORD_REFUSED', {
      message,
      fields: { kafka: reason.code },
      cause: error,
      retryable: true,
    });
  }

  /**
   * Whether a record is to be written now.
   *
   * @throws MillraceError `RECORD_REFUSED` if its topic does not take it
   */
  admits(record: OutgoingRecord): boolean {
    const content = contentHash(record);
    const suspected = this.suspects.get(content);
    if (suspected === undefined && !this.condemnedContents.has(content)) return true;
    this.quietCommits = 0;
    const whole = this.identityOf(record);
    const condemned = this.condemned.get(whole);
    if (condemned !== undefined) throw refusedRecord(record, condemned);
    if (suspected === undefined) return true;
    this.gather(whole, record, suspected);
    return false;
  }

  /**
   * Before a commit: what was left out must be tried first.
   *
   * @throws MillraceError `RECORD_REFUSED`, retryable
   */
  settle(): void {
    if (this.gathered.size === 0) return;
    this.rolledBack = true;
    throw new MillraceError('RECORD_REFUSED', {
      message: `Kafka: ${this.gathered.size} records of refused batches are going to be tried one by one.`,
      retryable: true,
    });
  }

  /** Between two lives: tries what was gathered. `usualBatchBytes`: of the client as it is set. */
  async trial(open: OpenTrial, usualBatchBytes: number): Promise<void> {
    if (this.rolledBack) this.fruitless++;
    this.rolledBack = false;
    if (this.gathered.size === 0) return;
    const { gathered } = this;
    const refused = await tryAlone(
      [...gathered.values()].map(({ record }) => record),
      open,
    );
    this.gathered = new Map();
    this.gatheredBytes = 0;
    for (const { record } of gathered.values()) this.suspects.delete(contentHash(record));
    for (const [record, error] of refused) this.condemn(record, this.reasonFor(record, error));
    if (refused.size === 0) this.shrink([...gathered.values()], usualBatchBytes);
    else
      this.logger.warn(
        `${refused.size} of ${gathered.size} records of refused batches are refused alone, too: ${names(refused.keys())}`,
      );
  }

  committed(): void {
    this.fruitless = 0;
    if (!this.watching || ++this.quietCommits < COMMITS_KEPT) return;
    this.suspects.clear();
    this.condemned.clear();
    this.condemnedContents.clear();
  }

  private identityOf(record: OutgoingRecord): string {
    return this.letterTopics.has(record.topic) ? contentHash(record) : wholeHash(record);
  }

  private reasonFor({ topic }: { readonly topic: string }, error: Error): Reason {
    return reasonOf(error, this.letterTopics.has(topic));
  }

  private gather(whole: string, record: OutgoingRecord, reason: Reason): void {
    if (this.gathered.has(whole) || (this.gathered.size > 0 && this.gatheredBytes > GATHERED_BYTES_MAX)) return;
    this.gathered.set(whole, { record, reason });
    this.gatheredBytes += sizeOf(record);
  }

  private condemn(record: OutgoingRecord, reason: Reason): void {
    this.condemned.set(this.identityOf(record), reason);
    this.condemnedContents.add(contentHash(record));
    this.fruitless = 0;
    this.quietCommits = 0;
  }

  private shrink(
    acquitted: readonly { readonly record: OutgoingRecord; readonly reason: Reason }[],
    usualBatchBytes: number,
  ): void {
    const tooLarge = acquitted.find(({ reason }) => isOfSize(reason.code));
    const { batchBytes = usualBatchBytes } = this;
    if (tooLarge === undefined || batchBytes <= 1) return;
    this.batchBytes = Math.max(1, Math.floor(batchBytes / SHRINK));
    this.fruitless = 0;
    this.logger.warn(
      `topic '${tooLarge.record.topic}' takes each record, but not batches of ${batchBytes} bytes: batches have at most ` +
        `${this.batchBytes} from now on. Raise max.message.bytes of the topic, or set client: { 'batch.size': ... }.`,
    );
  }
}

function names(records: Iterable<OutgoingRecord>): string {
  return [...new Set([...records].map(({ topic }) => topic))].join(', ');
}
