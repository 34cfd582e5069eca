import { MillraceError, type Clock, type RecordHeader } from 'millrace';
import { utf8Of } from '../bytes/utf8.ts';
import type { OutgoingRecord } from '../driver/driver.ts';
import { checkTopicName } from '../driver/topic-name.ts';
import { json, type Format } from '../formats/format.ts';
import { checkSize } from '../sink/sink.ts';
import type { ProducerRecord, ProducerTopic } from './producer-types.ts';

const MAX_RECORD_BYTES = 1_000_000;
const JSON_FORMAT = json();

/** An event as it is written; its partition is still what was given. */
export type EncodedRecord = OutgoingRecord & { readonly timestamp: number };

/** How events of a program become records. */
export class RecordEncoder {
  private readonly topics: Readonly<Record<string, ProducerTopic>>;
  private readonly clock: Clock;
  private readonly formats = new Map<string, Format<unknown>>();
  /** Of topics whose format had to agree with somebody else about what is written. */
  private readonly writers = new Map<string, Format<unknown>['encode']>();

  constructor(topics: Readonly<Record<string, ProducerTopic>>, clock: Clock) {
    this.topics = topics;
    this.clock = clock;
  }

  /** @throws MillraceError if nothing may be written to one of the topics, such as when a schema registry refuses its schema */
  static async open(topics: Readonly<Record<string, ProducerTopic>>, clock: Clock): Promise<RecordEncoder> {
    const encoder = new RecordEncoder(topics, clock);
    for (const [topic, { format }] of Object.entries(topics)) {
      const write = await format?.writer?.(topic);
      if (write !== undefined) encoder.writers.set(topic, write);
    }
    return encoder;
  }

  /** @throws MillraceError `OPTION_INVALID` for the topic's name, `RECORD_MALFORMED`, `RECORD_TOO_LARGE` */
  encode(given: ProducerRecord): EncodedRecord {
    const { topic, key = null, value, headers = {}, timestamp, partition } = given;
    checkTopicName('topic of send()', topic);
    if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0))
      throw wrong(topic, 'partition', partition, 'a number from 0 on');
    // The client takes 0 for none, and writes what time it is.
    if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && timestamp >= 1))
      throw wrong(topic, 'timestamp', timestamp, 'epoch milliseconds, a whole number from 1 on');
    if (typeof headers !== 'object' || headers === null)
      throw wrong(topic, 'headers', headers, "an object of text and bytes: { name: 'value' }");
    const record = {
      topic,
      partition,
      key: key === null ? null : bytesFrom(topic, 'key', key),
      value: value === null ? null : this.valueBytes(topic, value),
      timestamp: timestamp ?? this.clock.now(),
      headers: Object.entries(headers).map(([name, one]): RecordHeader => [
        name,
        bytesFrom(topic, `header '${name}'`, one),
      ]),
    };
    checkSize(record, this.topics[topic]?.maxRecordBytes ?? MAX_RECORD_BYTES);
    return record;
  }

  private valueBytes(topic: string, value: unknown): Uint8Array | null {
    const format = this.formatOf(topic);
    const write = this.writers.get(topic);
    const bytes: unknown = write === undefined ? format.encode(value) : write(value);
    if (bytes === null) return null;
    // It is written later, or more than once: bytes that the program uses again must not change it.
    if (bytes instanceof Uint8Array) return bytes === value ? bytes.slice() : bytes;
    throw wrong(topic, `what format '${format.name}' made of the value`, bytes, 'bytes (Uint8Array), or null');
  }

  private formatOf(topic: string): Format<unknown> {
    const known = this.formats.get(topic);
    if (known !== undefined) return known;
    const { format, schema } = this.topics[topic] ?? {};
    const made = format ?? (schema === undefined ? JSON_FORMAT : json(schema));
    this.formats.set(topic, made);
    return made;
  }
}

function bytesFrom(topic: string, what: string, value: unknown): Uint8Array {
  if (typeof value === 'string') return utf8Of(value);
  if (value instanceof Uint8Array) return value.slice();
  throw wrong(topic, what, value, `text or bytes (Uint8Array)${what === 'key' ? ', or null' : ''}`);
}

function wrong(topic: string, what: string, value: unknown, expected: string): MillraceError {
  const shown = typeof value === 'object' && value !== null ? 'an object' : `${typeof value} ${String(value)}`;
  return new MillraceError('RECORD_MALFORMED', {
    message: `event for topic '${topic}': ${what} is ${shown}, but must be ${expected}`,
    fields: { topic },
  });
}
