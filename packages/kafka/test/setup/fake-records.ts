import type { Fetched, FetchedRecords, PartitionOffset } from '../../src/index.ts';

/** Records as a client would hand them over; values are texts. */
class FakeRecords implements FetchedRecords {
  readonly length: number;
  private readonly rows: readonly PartitionOffset[];

  constructor(rows: readonly PartitionOffset[]) {
    this.rows = rows;
    this.length = rows.length;
  }

  topic(index: number): string {
    return this.row(index).topic;
  }

  partition(index: number): number {
    return this.row(index).partition;
  }

  offset(index: number): number {
    return this.row(index).offset;
  }

  timestamp(): number {
    return NaN;
  }

  key(): null {
    return null;
  }

  value(index: number): Uint8Array {
    return Buffer.from(`"${this.row(index).partition} ${this.row(index).offset}"`);
  }

  headers(): readonly [] {
    return [];
  }

  private row(index: number): PartitionOffset {
    return this.rows[index] as PartitionOffset;
  }
}

/** An answer to a fetch: records of topic `t` as `[partition, first offset, how many]`, and ends as `[partition, offset]`. */
export function fetched(
  runs: readonly (readonly [partition: number, from: number, count: number])[],
  ends: readonly (readonly [partition: number, offset: number])[] = [],
): Fetched {
  const rows = runs.flatMap(([partition, from, count]) =>
    Array.from({ length: count }, (_, i) => ({ topic: 't', partition, offset: from + i })),
  );
  return {
    records: new FakeRecords(rows),
    ends: ends.map(([partition, offset]) => ({ topic: 't', partition, offset })),
  };
}
