import type { Source, SourceContext, SourceReader } from '../model/index.ts';

/**
 * The same source in batches of at most `batchRecords` records: results must not depend on it.
 *
 * @example
 * flow.from('numbers', inBatchesOf(1, memory([1, 2, 3])));
 */
export function inBatchesOf<T>(batchRecords: number, source: Source<T>): Source<T> {
  if (!(batchRecords >= 1)) throw new RangeError(`inBatchesOf(${batchRecords}, source): give 1 or more records`);
  return Object.freeze({
    kind: source.kind,
    bounded: source.bounded,
    onError: source.onError,
    measuresBytes: source.measuresBytes ?? false,
    async open(context: SourceContext): Promise<SourceReader<T>> {
      const reader = await source.open(context);
      return {
        partitions: reader.partitions,
        poll: (partition, maxRecords) => reader.poll(partition, Math.min(batchRecords, maxRecords)),
        // A source that does not know its end must not seem to know it.
        ...(reader.caughtUp === undefined ? {} : { caughtUp: (partition: number) => reader.caughtUp?.(partition) }),
        close: () => reader.close(),
      };
    },
  });
}
