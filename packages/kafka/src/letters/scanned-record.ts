import type { RecordHeader } from 'millrace';

/** A record of a topic, as it was read. */
export interface ScannedRecord {
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds; NaN where the record has none. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

/** Name of a letter: where it stands in its topic. */
export function letterId(partition: number, offset: number): string {
  return `${partition}-${offset}`;
}

/** The place that an id names; `undefined`: it is none. */
export function placeOf(id: string): { readonly partition: number; readonly offset: number } | undefined {
  const [, partition, offset] = /^(\d{1,9})-(\d{1,15})$/.exec(id) ?? [];
  return partition === undefined ? undefined : { partition: Number(partition), offset: Number(offset) };
}
