import type { RecordHeader } from 'millrace';

/** What became of a transaction; records of none are committed at once. */
export interface Outcome {
  state: 'open' | 'committed' | 'aborted';
}

/** A record as a partition keeps it. */
export interface StoredRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

/** A stored record and its place. */
export interface PlacedRecord extends StoredRecord {
  readonly offset: number;
}

interface Entry {
  /** `undefined`: a control record, the end of a transaction. */
  readonly record: StoredRecord | undefined;
  readonly timestamp: number;
  readonly outcome: Outcome;
}

/** What a reader of committed records gets. */
export interface ReadCommitted {
  readonly records: readonly PlacedRecord[];
  /** Where to read on: behind control records and aborted ones. */
  readonly next: number;
}

const NO_TRANSACTION: Outcome = { state: 'committed' };

/**
 * One partition.
 *
 *   0    1    2    3      4    5    6
 *   a    t1:b c    t2:d   C2   t1:e f        t1 is open: the last stable offset is 1, the high watermark 7
 *
 * Control records (C) take offsets. A reader of committed records stops at the last stable offset, whatever is committed
 * behind it; below, aborted records are left out.
 */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  private readonly entries: Entry[] = [];
  /** First offset of each transaction that is open here. */
  private readonly open = new Map<Outcome, number>();
  private readonly listeners = new Set<() => void>();

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get highWatermark(): number {
    return this.entries.length;
  }

  get lastStable(): number {
    let lowest = this.entries.length;
    for (const first of this.open.values()) lowest = Math.min(lowest, first);
    return lowest;
  }

  /** Whether a transaction is open here whose outcome does not even stand. */
  get undecided(): boolean {
    return [...this.open.keys()].some(({ state }) => state === 'open');
  }

  append(records: readonly StoredRecord[], outcome: Outcome = NO_TRANSACTION): void {
    if (outcome.state === 'open' && !this.open.has(outcome)) this.open.set(outcome, this.entries.length);
    for (const record of records) this.entries.push({ record, timestamp: record.timestamp, outcome });
    this.changed();
  }

  /** The control record that ends a transaction in this partition. */
  appendMarker(outcome: Outcome, nowMs: number): void {
    this.entries.push({ record: undefined, timestamp: nowMs, outcome });
    this.open.delete(outcome);
    this.changed();
  }

  read(from: number, recordsMax: number): ReadCommitted {
    const records: PlacedRecord[] = [];
    const end = this.lastStable;
    let next = from;
    for (; next < end && records.length < recordsMax; next++) {
      const { record, outcome } = this.entries[next] as Entry;
      if (record !== undefined && outcome.state === 'committed') records.push({ ...record, offset: next });
    }
    return { records, next };
  }

  /** First entry at or after a time, control records included; -1: there is none. */
  offsetAt(timestampMs: number): number {
    return this.entries.findIndex(({ timestamp }) => timestamp >= timestampMs);
  }

  /** Everything that is committed, also behind the last stable offset. */
  committed(): readonly PlacedRecord[] {
    return this.entries.flatMap(({ record, outcome }, offset) =>
      record !== undefined && outcome.state === 'committed' ? [{ ...record, offset }] : [],
    );
  }

  /** Calls back when there may be more to read. Returns how to end that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
