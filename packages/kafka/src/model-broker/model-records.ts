import type { RecordHeader } from 'millrace';
import type { FetchedRecords } from '../driver/driver.ts';
import type { PlacedRecord } from './partition-log.ts';

/** A record with its partition. */
export interface ReceivedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly record: PlacedRecord;
}

/** Records as the model has them. */
export class ModelRecords implements FetchedRecords {
  readonly length: number;
  private readonly received: readonly ReceivedRecord[];

  constructor(received: readonly ReceivedRecord[]) {
    this.received = received;
    this.length = received.length;
  }

  topic(index: number): string {
    return this.at(index).topic;
  }

  partition(index: number): number {
    return this.at(index).partition;
  }

  offset(index: number): number {
    return this.at(index).record.offset;
  }

  timestamp(index: number): number {
    return this.at(index).record.timestamp;
  }

  key(index: number): Uint8Array | null {
    return this.at(index).record.key;
  }

  value(index: number): Uint8Array | null {
    return this.at(index).record.value;
  }

  headers(index: number): readonly RecordHeader[] {
    return this.at(index).record.headers;
  }

  private at(index: number): ReceivedRecord {
    return this.received[index] as ReceivedRecord;
  }
}
