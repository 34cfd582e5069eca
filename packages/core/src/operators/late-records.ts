import type { OperatorMetrics } from '../metrics/index.ts';
import type { LateExample, OperatorCell, Receiver, StateBackend, TimeWindow } from '../model/index.ts';
import { decodeTime, encodeTime, type EncodedTime } from '../time/index.ts';

/** As a mapped type it is a `JsonValue`, which an interface is not; the watermark may be +Infinity, which JSON has not. */
type FirstLate = { readonly [key in keyof LateExample]: EncodedTime } | null;

/** What becomes of the late records of a window operator. */
export interface LateOptions {
  readonly state: StateBackend;
  readonly metrics: OperatorMetrics;
  /** Late side output; `undefined`: late records are dropped. They are counted either way. */
  readonly late: Receiver<unknown> | undefined;
  /** Called with the first late record. */
  readonly onFirstLate: (example: LateExample) => void;
}

/** Counts late records, remembers the first one, and hands them to the side output with their own timestamps (R8, R10). */
export class LateRecords {
  private readonly o: LateOptions;
  private readonly firstCell: OperatorCell<FirstLate>;

  constructor(options: LateOptions) {
    this.o = options;
    this.firstCell = options.state.cell<FirstLate>('firstLate', null);
  }

  /** The first late record so far. */
  get first(): LateExample | undefined {
    const saved = this.firstCell.get();
    if (saved === null) return undefined;
    const { timestamp, watermark, windowStart, windowEnd } = saved;
    return {
      timestamp: decodeTime(timestamp),
      watermark: decodeTime(watermark),
      windowStart: decodeTime(windowStart),
      windowEnd: decodeTime(windowEnd),
    };
  }

  /** @param window the newest one that the record would have entered, or where it would have stood */
  take(value: unknown, timestampMs: number, watermark: number, window: TimeWindow): void {
    this.o.metrics.late++;
    if (this.firstCell.get() === null) {
      const { start: windowStart, end: windowEnd } = window;
      const example = { timestamp: timestampMs, watermark, windowStart, windowEnd };
      this.firstCell.set({ ...example, watermark: encodeTime(watermark) });
      this.o.onFirstLate(example);
    }
    this.o.late?.process(value, timestampMs);
  }
}
