import type { AvroLong } from './avro-node.ts';

/** How many units of an Avro timestamp make a millisecond; `undefined`: it is a number, and no point in time. */
export function unitsPerMs({ kind, logicalType, connectName }: AvroLong): number | undefined {
  if (kind !== 'long') return undefined;
  if (logicalType === 'timestamp-millis' || connectName === 'io.debezium.time.Timestamp') return 1;
  if (logicalType === 'timestamp-micros' || connectName === 'io.debezium.time.MicroTimestamp') return 1_000;
  // `nanosType` has made milliseconds of it.
  return isNanos(logicalType, connectName) ? 1 : undefined;
}

/** Whether a long counts nanoseconds, of which those of our days are more than a JavaScript number holds. */
export function isNanos(logicalType: unknown, connectName: unknown): boolean {
  return logicalType === 'timestamp-nanos' || connectName === 'io.debezium.time.NanoTimestamp';
}

/** Debezium's and Connect's name for text that is JSON. */
export const JSON_NAME = 'io.debezium.data.Json';

/** Debezium's name for text that is a point in time, with a zone and up to nine decimals. */
export const ZONED_TIMESTAMP = 'io.debezium.time.ZonedTimestamp';
