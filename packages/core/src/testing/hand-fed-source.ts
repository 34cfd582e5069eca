import { keepTimestamp } from '../time/index.ts';
import type { Source, SourceReader, WatermarkStrategy } from '../model/index.ts';

/**
 * A live source of one partition that gives what it is handed, with the timestamps it is handed. Its own watermark never
 * moves: the harness moves it.
 */
export class HandFedSource<T> implements Source<T> {
  readonly kind = 'hand-fed';
  readonly bounded = false;
  readonly onError = 'fail';
  readonly watermarks: WatermarkStrategy<T>;
  private values: T[] = [];
  private timestamps: number[] = [];
  private read = 0;

  constructor() {
    this.watermarks = {
      describe: 'by hand',
      timestampOf: keepTimestamp,
      keepsTimestamps: true,
      createGenerator: () => ({ onEvent: () => -Infinity, snapshot: () => -Infinity, restore() {} }),
      emit: 'record',
      idleAfterMs: Infinity,
      alignment: undefined,
    };
  }

  feed(value: T, timestamp: number): void {
    this.values.push(value);
    this.timestamps.push(timestamp);
  }

  open(): Promise<SourceReader<T>> {
    return Promise.resolve({
      partitions: [{ id: '0' }],
      poll: (_partition: number, maxRecords: number) => {
        if (this.values.length === 0) return 'pending' as const;
        const values = this.values.splice(0, maxRecords);
        const firstPosition = this.read;
        this.read += values.length;
        const timestamps = Float64Array.from(this.timestamps.splice(0, values.length));
        const nothing = { positions: undefined, timestamps, part: undefined, rejected: [] };
        return { values, from: 0, to: values.length, firstPosition, next: this.read, ...nothing };
      },
      close: () => Promise.resolve(),
    });
  }
}
