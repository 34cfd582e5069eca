import type { FetchedRecords } from '../driver/driver.ts';

/** Bytes of keys and values of consecutive records. Called once for each run of records, not when they are processed. */
export function sizeOf(records: FetchedRecords, from: number, to: number): number {
  let bytes = 0;
  for (let i = from; i < to; i++) bytes += (records.value(i)?.length ?? 0) + (records.key(i)?.length ?? 0);
  return bytes;
}
