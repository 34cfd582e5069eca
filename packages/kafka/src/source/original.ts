import type { OriginalRecord } from 'millrace';
import type { FetchedRecords } from '../driver/driver.ts';

/** A record as it came, for dead letters and for `project`. */
export function originalOf(records: FetchedRecords, index: number): OriginalRecord {
  return {
    topic: records.topic(index),
    partition: records.partition(index),
    offset: records.offset(index),
    timestamp: records.timestamp(index),
    key: records.key(index),
    value: records.value(index),
    headers: records.headers(index),
    toJSON: () => undefined,
  };
}
