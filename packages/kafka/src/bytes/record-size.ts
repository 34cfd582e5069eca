import type { OutgoingRecord } from '../driver/driver.ts';

/** Bytes of a record: key, value, and headers with their names. */
export function sizeOf({ key, value, headers }: Pick<OutgoingRecord, 'key' | 'value' | 'headers'>): number {
  let size = (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, bytes] of headers) size += name.length + bytes.length;
  return size;
}
