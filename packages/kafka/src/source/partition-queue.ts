import type { FetchedRecords } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';

/** Consecutive records of one partition within an answer of the client. */
export interface Run {
  readonly records: FetchedRecords;
  from: number;
  readonly to: number;
  /** Keys and values of all of it; counted until the last of its records was handed over. */
  readonly bytes: number;
}

/** Where a partition goes on, as JSON. A type alias, because a position is plain data. */
export type QueuePosition = { readonly offset: number; readonly end?: number; readonly of?: number };

/** Whether a bounded partition was read to its end. */
export function isFinished({ offset, end = Infinity }: QueuePosition): boolean {
  return offset >= end;
}

/** Records of one partition that were fetched and not yet handed over. */
export class PartitionQueue {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  /** Exclusive end of a bounded partition; Infinity: it has none. */
  readonly end: number;
  /** Partitions of the topic when the job began; those that came later are no part of a bounded job. */
  readonly of: number;
  /** Offset of the next record to hand over. */
  next: number;
  /** Records that wait. */
  records = 0;
  /** What they take, and those before them in the same answer of the client. */
  bytes = 0;
  paused = false;
  /** Offset of the partition's end when the client last stood there; -1: never. */
  private endSeen = -1;
  private runs: Run[] = [];

  constructor(topic: string, partition: number, start: number, end: number, of: number) {
    this.of = of;
    this.id = partitionId(topic, partition);
    this.topic = topic;
    this.partition = partition;
    this.next = start;
    this.end = end;
  }

  get position(): QueuePosition {
    return this.end === Infinity ? { offset: this.next } : { offset: this.next, end: this.end, of: this.of };
  }

  /** Whether everything up to the end that the client has seen was handed over. */
  get atEnd(): boolean {
    return this.records === 0 && this.endSeen >= this.next;
  }

  /** Where the client last stood at the end; -1: it has records since, or was never there. */
  get endOffset(): number {
    return this.endSeen;
  }

  /** Whether everything up to the end of a bounded partition was fetched: what comes behind it is none of the job's. */
  get full(): boolean {
    return this.endSeen >= this.end || this.next >= this.end;
  }

  get ended(): boolean {
    return this.next >= this.end || (this.records === 0 && this.endSeen >= this.end);
  }

  get run(): Run | undefined {
    return this.runs[0];
  }

  /** Takes records up to the end of a bounded partition; `false`: none of them. */
  push(run: Run): boolean {
    if (this.full) return false;
    const { records, from, bytes } = run;
    let { to } = run;
    const last = records.offset(to - 1);
    while (to > from && records.offset(to - 1) >= this.end) to--;
    this.endSeen = last + 1 >= this.end ? this.end : -1;
    if (to === from) return false;
    this.runs.push(to === run.to ? run : { records, from, to, bytes });
    this.records += to - from;
    this.bytes += bytes;
    return true;
  }

  /** The client stands at the end: behind the last record, control records included. */
  reachedEnd(offset: number): void {
    this.endSeen = offset;
  }

  /** The first `count` records of the first run were handed over, `next` is the offset behind them; bytes that are free now. */
  take(count: number, next: number): number {
    const run = this.runs[0] as Run;
    run.from += count;
    this.records -= count;
    // Only control records may be left up to the end: a restart has nothing to look for there.
    this.next = this.records === 0 && this.endSeen >= this.end ? this.end : next;
    if (run.from < run.to) return 0;
    this.runs.shift();
    this.bytes -= run.bytes;
    return run.bytes;
  }
}
