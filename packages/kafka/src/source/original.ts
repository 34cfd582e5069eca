import type { OriginalRecord, RecordHeader } from 'millrace';
import type { FetchedRecords } from '../driver/driver.ts';

/** A record as it came, for dead letters and for `project`. */
class Original implements OriginalRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];

  constructor(records: FetchedRecords, index: number) {
    this.topic = records.topic(index);
    this.partition = records.partition(index);
    this.offset = records.offset(index);
    this.timestamp = records.timestamp(index);
    this.key = records.key(index);
    this.value = records.value(index);
    this.headers = records.headers(index);
  }

  /** Letters are often written as JSON; bytes have no place there. */
  toJSON(): undefined {
    return undefined;
  }
}

export function originalOf(records: FetchedRecords, index: number): OriginalRecord {
  return new Original(records, index);
}
