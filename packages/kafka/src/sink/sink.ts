import { checkOptions, MillraceError, optionError, type Schema, type Sink, type SinkContext } from 'millrace';
import { sizeOf } from '../bytes/record-size.ts';
import type { OutgoingRecord } from '../driver/driver.ts';
import { checkTopicName } from '../driver/topic-name.ts';
import { jsonWithoutSchema } from '../guards/json-without-schema.ts';
import { KeyCardinality } from '../guards/key-cardinality.ts';
import { json, type Format } from '../formats/format.ts';
import { sessionOf } from '../session/session-of.ts';
import { CONNECTION_OPTIONS, type ConnectionOptions } from '../settings/connection.ts';
import { javaPartition } from './java-partitioner.ts';
import { refuseOwnSession } from './own-session.ts';
import { headerBytes, keyBytes, valueBytes } from './record-parts.ts';
import { KafkaWriter } from './writer.ts';

/** Options of `kafka.sink`. */
export interface KafkaSinkOptions<T> extends Partial<ConnectionOptions> {
  /** Key of a record; text is written as UTF-8. Default: none. */
  readonly key?: (value: T) => string | Uint8Array | null;
  /** Default: by the key as Java's producer does; any for a record without key. */
  readonly partition?: (value: T, partitions: number) => number;
  readonly headers?: (value: T) => Readonly<Record<string, string | Uint8Array>>;
  /** Epoch milliseconds. Default: the event time of the record, else now. */
  readonly timestamp?: (value: T, timestampMs: number) => number | undefined;
  /** How values become bytes. Default: `kafka.json(schema)`. */
  readonly format?: Format<T>;
  readonly schema?: Schema<T>;
  /** Largest record, bytes of key, value and headers. Default 1,000,000: what brokers take by default, less their own share. */
  readonly maxRecordBytes?: number;
}

const OPTIONS = [
  'key',
  'partition',
  'headers',
  'timestamp',
  'format',
  'schema',
  'maxRecordBytes',
  ...CONNECTION_OPTIONS,
];
const FUNCTIONS = ['key', 'partition', 'headers', 'timestamp'] as const;
const MAX_RECORD_BYTES = 1_000_000;

/**
 * Writes to a topic: idempotent, acknowledged by all replicas; under `exactly-once` in the transaction of the job.
 *
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; when run `IO_NOT_FOUND` if the topic does not exist,
 *   `GUARANTEE_UNMET` with `bootstrap` of its own under exactly-once; for a record `RECORD_TOO_LARGE`, `RECORD_MALFORMED`
 * @example
 * rows.to('revenue', kafka.sink('revenue.by-category', { key: (row) => row.category }));
 */
export function sink<T>(topic: string, options: KafkaSinkOptions<T> = {}): Sink<T> {
  checkTopicName('topic of kafka.sink()', topic);
  checkOptions('kafka.sink()', options, OPTIONS);
  const { maxRecordBytes, format } = options;
  if (maxRecordBytes !== undefined && (!Number.isSafeInteger(maxRecordBytes) || maxRecordBytes < 1))
    throw optionError('maxRecordBytes of kafka.sink()', maxRecordBytes, 'a number of bytes from 1 on');
  for (const name of FUNCTIONS) {
    const given = options[name];
    if (given !== undefined && typeof given !== 'function')
      throw optionError(`${name} of kafka.sink()`, given, 'a function of the value');
  }
  if (format !== undefined && typeof format?.encode !== 'function')
    throw optionError('format of kafka.sink()', format, 'a format such as kafka.json(schema)');
  if (options.format !== undefined && options.schema !== undefined)
    throw optionError('schema of kafka.sink()', 'a schema beside a format', 'given to the format: kafka.json(schema)');
  return Object.freeze({
    kind: 'kafka',
    guarantee: 'exactly-once' as const,
    findings: jsonWithoutSchema(`kafka.sink('${topic}')`, 'written', options),
    open: (context: SinkContext) => openSink(topic, options, context),
  });
}

async function openSink<T>(topic: string, options: KafkaSinkOptions<T>, context: SinkContext): Promise<KafkaWriter<T>> {
  const where = `kafka.sink('${topic}')`;
  refuseOwnSession(where, options, context);
  const { session, own } = sessionOf(where, options, context, context.name);
  try {
    const admin = await session.admin();
    const [described] = await admin.topics([topic]);
    if (described === undefined) {
      throw new MillraceError('IO_NOT_FOUND', {
        message: `Topic '${topic}' does not exist on ${session.connection.bootstrap}. Create it, or correct its name.`,
        fields: { topic },
      });
    }
    // Before anything else: what must not be written must not hold anything up.
    const write = await options.format?.writer?.(topic);
    await session.registerSink(described);
    if (own) await session.begin();
    const encode = encoderOf(topic, described.partitions.length, options, write, context.guard);
    return new KafkaWriter(encode, session, context, async () => {
      if (own) await session.close();
    });
  } catch (error) {
    if (own) await session.close();
    throw error;
  }
}

function encoderOf<T>(
  topic: string,
  partitions: number,
  options: KafkaSinkOptions<T>,
  write: ((value: T) => Uint8Array | null) | undefined,
  guard: SinkContext['guard'],
): (value: T, timestampMs: number) => OutgoingRecord {
  const { maxRecordBytes = MAX_RECORD_BYTES } = options;
  const format = options.format ?? json<T>(options.schema);
  // Where the program chooses partitions itself, keys do not tell how records are spread.
  const measured = guard !== undefined && partitions > 1 && options.partition === undefined;
  let keys = measured ? new KeyCardinality(topic, partitions) : undefined;
  return (value, timestampMs) => {
    const bytes = valueBytes(write === undefined ? format.encode(value) : write(value), format.name);
    const key = options.key === undefined ? null : keyBytes(options.key(value));
    if (keys !== undefined && key !== null) {
      const finding = keys.see(key);
      if (finding !== undefined) guard?.(finding);
      if (keys.done) keys = undefined;
    }
    const headers = options.headers === undefined ? [] : headerBytes(options.headers(value));
    const record = {
      topic,
      partition: partitionFor(value, key, partitions, options),
      key,
      value: bytes,
      timestamp: timestampFor(value, timestampMs, options),
      headers,
    };
    checkSize(record, maxRecordBytes);
    return record;
  };
}

/** @throws MillraceError `RECORD_TOO_LARGE` */
export function checkSize(record: OutgoingRecord, most: number): void {
  const size = sizeOf(record);
  if (size <= most) return;
  throw new MillraceError('RECORD_TOO_LARGE', {
    message: `a record of ${size} bytes is too large for topic '${record.topic}', which takes ${most} (maxRecordBytes)`,
    fields: { topic: record.topic, size },
  });
}

function partitionFor<T>(
  value: T,
  key: Uint8Array | null,
  partitions: number,
  options: KafkaSinkOptions<T>,
): number | undefined {
  if (options.partition === undefined) return key === null ? undefined : javaPartition(key, partitions);
  const partition = options.partition(value, partitions);
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return partition;
  throw new MillraceError('RECORD_MALFORMED', {
    message: `partition() returned ${String(partition)}; there are ${partitions}`,
  });
}

function timestampFor<T>(value: T, timestampMs: number, options: KafkaSinkOptions<T>): number | undefined {
  const timestamp = options.timestamp === undefined ? timestampMs : options.timestamp(value, timestampMs);
  return timestamp === undefined || !(timestamp >= 0) || timestamp === Infinity ? undefined : Math.trunc(timestamp);
}
