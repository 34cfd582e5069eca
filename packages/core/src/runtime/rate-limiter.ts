import type { SourceRate } from '../graph/index.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * Nothing is read before as many records, or a tenth of what the bucket holds, may be: one record at a time would keep the
 * step loop busy with nothing but looking.
 */
const BATCH_RECORDS = 32;
const BATCH_SHARE = 0.1;
/** Shortest wait, milliseconds, so that batches form. */
const WAIT_MS = 10;

/**
 * How many records of a source may be read now. Sizes are not known before records were read: it goes by those of the batch
 * before, and what was too much is waited for afterwards.
 */
export class RateLimiter {
  private readonly records: TokenBucket | undefined;
  private readonly bytes: TokenBucket | undefined;
  /** Of the last batch, on average; at first one record is read to learn it. */
  private recordBytes = Infinity;

  constructor({ recordsPerSecond, bytesPerSecond }: SourceRate, nowMs: number) {
    this.records = recordsPerSecond === Infinity ? undefined : new TokenBucket(recordsPerSecond, nowMs);
    this.bytes = bytesPerSecond === Infinity ? undefined : new TokenBucket(bytesPerSecond, nowMs);
  }

  /** Whole records allowed at this monotonic time; 0: none yet. */
  allowance(nowMs: number): number {
    this.records?.refill(nowMs);
    this.bytes?.refill(nowMs);
    if (this.waitedMs > 0) return 0;
    const { records, bytes } = this;
    return Math.min(
      records === undefined ? Infinity : Math.floor(records.tokens),
      bytes === undefined ? Infinity : Math.max(1, Math.floor(bytes.tokens / this.recordBytes)),
    );
  }

  spend(records: number, bytes: number): void {
    this.records?.spend(records);
    this.bytes?.spend(bytes);
    if (records > 0) this.recordBytes = Math.max(1, bytes / records);
  }

  /** The most records that may ever be read in one go, as far as their size is known. */
  get burstRecords(): number {
    const records = this.records?.capacity ?? Infinity;
    return this.bytes === undefined ? records : Math.min(records, this.bytes.capacity / this.recordBytes);
  }

  /** Milliseconds until records are allowed. */
  get waitMs(): number {
    return Math.max(WAIT_MS, this.waitedMs);
  }

  private get waitedMs(): number {
    const { records, bytes } = this;
    let ms = 0;
    if (records !== undefined) {
      ms = records.msUntil(Math.max(1, Math.min(BATCH_RECORDS, records.capacity * BATCH_SHARE)));
    }
    if (bytes !== undefined) {
      // A record that is larger than the bucket is read when that is full, and paid for afterwards.
      const wanted = this.recordBytes === Infinity ? 1 : Math.max(this.recordBytes, bytes.capacity * BATCH_SHARE);
      ms = Math.max(ms, bytes.msUntil(Math.min(bytes.capacity, wanted)));
    }
    return ms;
  }
}
