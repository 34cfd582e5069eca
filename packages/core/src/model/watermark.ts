/**
 * Watches the records of one source partition and says how far event time has come: "no record at or below this
 * timestamp is expected any more". `-Infinity` until it knows better.
 */
export interface WatermarkGenerator<in T> {
  /**
   * Called once per record, after the record was processed (R27: a record is never judged by its own watermark).
   *
   * @returns the watermark now; a value that is not above the last one changes nothing
   */
  onEvent(value: T, timestampMs: number): number;
  /** What the generator must remember over a restart. */
  snapshot(): number;
  restore(state: number): void;
}

/** When watermarks go on: after each record, or every so many milliseconds of processing time (+Infinity: at the end only). */
export type WatermarkEmit = 'record' | { readonly everyMs: number };

/** Partitions that wait for each other, so that none runs far ahead (R33). */
export interface WatermarkAlignment {
  /** Sources that name the same group wait for each other. */
  readonly group: string;
  /** How far a partition may be ahead of the slowest one of its group, ms of event time. */
  readonly maxDriftMs: number;
  /** How often the slowest one is looked for, ms of processing time. */
  readonly everyMs: number;
}

/** Where the timestamps of a source come from, and how watermarks follow from them. Made by `boundedOutOfOrderness`, ... */
export interface WatermarkStrategy<in T> {
  /** What it is, for people. */
  readonly describe: string;
  /**
   * Event time of a record, epoch milliseconds.
   *
   * @param timestampMs the timestamp that the record has already, NaN if none
   */
  timestampOf(value: T, timestampMs: number): number;
  /** Whether records keep the timestamp they have; one that has none then stays without. */
  readonly keepsTimestamps: boolean;
  /** A new generator; called once per partition. */
  createGenerator(): WatermarkGenerator<T>;
  readonly emit: WatermarkEmit;
  /** A live partition without records for so long, and caught up, no longer holds others back. `Infinity`: never. */
  readonly idleAfterMs: number;
  /** `undefined`: its partitions wait for nobody. */
  readonly alignment: WatermarkAlignment | undefined;
}
