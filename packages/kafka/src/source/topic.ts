import {
  checkOptions,
  optionError,
  positiveDurationMs,
  type Duration,
  type ErrorPolicy,
  type OriginalRecord,
  type Schema,
  type Source,
  type SourceContext,
  type SourceReader,
} from 'millrace';
import { checkTopicName } from '../driver/topic-name.ts';
import { jsonWithoutSchema } from '../guards/json-without-schema.ts';
import { noDeadLetters } from '../guards/no-dead-letters.ts';
import { json, type Format } from '../formats/format.ts';
import { CONNECTION_OPTIONS, type ConnectionOptions } from '../settings/connection.ts';
import { openTopic } from './open-topic.ts';
import type { Prepare } from './fetcher.ts';
import { originalOf } from './original.ts';
import { checkStart, checkUntil, type Start, type Until } from './start-offsets.ts';
import type { RecordDecoder } from './topic-reader.ts';

/** Options of `kafka.topic`. */
export interface TopicOptions<T, R = T> extends Partial<ConnectionOptions> {
  /** How the value of a record becomes a value of the program. Default: `kafka.json(schema)`. */
  readonly format?: Format<T>;
  /** What the JSON values must look like; with it `format` is `kafka.json`. */
  readonly schema?: Schema<T>;
  /** Where a job without checkpoint begins. Default `'earliest'`. */
  readonly start?: Start;
  /** Where it ends; the source is then bounded, and the same records are read also over restarts. Default: never. */
  readonly until?: Until;
  /** Makes the records of the stream from a value and the record it came in. Default: the value. */
  readonly project?: (value: T, record: OriginalRecord) => R;
  /** What happens to records that cannot be decoded. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
  /** How often partitions that are new are looked for; at most once a second. Default `'30s'`. */
  readonly discoveryInterval?: Duration;
  /** Consumer group of a source with `bootstrap` of its own; refused in others, whose group is that of the job. Default: the source's name. */
  readonly group?: string;
}

const OPTIONS = [
  'format',
  'schema',
  'start',
  'until',
  'project',
  'onError',
  'discoveryInterval',
  'group',
  ...CONNECTION_OPTIONS,
];
const DISCOVERY = '30s';

/**
 * The records of a topic, or of all topics whose names match a pattern. Each partition has a watermark and a position of its
 * own; only committed records are read. Timestamps are those of the records unless the watermark strategy takes others.
 *
 * @param topic a name or a regular expression
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; when run `IO_NOT_FOUND` for a topic that does not exist,
 *   `IO_FAILED` if the cluster cannot be reached, `DEPENDENCY_MISSING` without the client
 * @example
 * flow.from('orders', kafka.topic('orders.created', { schema: Order }), {
 *   watermarks: boundedOutOfOrderness('5s', (o) => o.event_time),
 * });
 */
export function topic<T = unknown, R = T>(topic: string | RegExp, options: TopicOptions<T, R> = {}): Source<R> {
  if (!(topic instanceof RegExp))
    checkTopicName('topic of kafka.topic()', topic, '; a regular expression (/^orders\\./) stands for several');
  checkOptions('kafka.topic()', options, OPTIONS);
  const { start = 'earliest', until, onError = 'fail', discoveryInterval = DISCOVERY } = options;
  if (options.format !== undefined && options.schema !== undefined)
    throw optionError('schema of kafka.topic()', 'a schema beside a format', 'given to the format: kafka.json(schema)');
  const discoveryMs = positiveDurationMs(discoveryInterval, 'discoveryInterval of kafka.topic()');
  checkStart(start);
  checkUntil(until);
  const where = `kafka.topic(${topic instanceof RegExp ? String(topic) : `'${topic}'`})`;
  return Object.freeze({
    kind: 'kafka',
    bounded: until !== undefined,
    measuresBytes: true,
    onError,
    findings: [...jsonWithoutSchema(where, 'read', options), ...noDeadLetters(where, until !== undefined, options)],
    // The reader hands over what the decoder of these options makes.
    open: (context: SourceContext) => {
      const decoding = { decode: decoderOf(options), prepare: prepareOf(options) };
      return openTopic({ ...options, topic, discoveryMs, ...decoding }, context) as Promise<SourceReader<R>>;
    },
  });
}

function decoderOf<T, R>({ format, schema, project }: TopicOptions<T, R>): RecordDecoder {
  const used = format ?? json<T>(schema);
  if (project === undefined) return (bytes) => used.decode(bytes);
  return (bytes, records, index) => project(used.decode(bytes), originalOf(records, index));
}

function prepareOf<T, R>({ format }: TopicOptions<T, R>): Prepare | undefined {
  return format?.prepare === undefined ? undefined : (values, signal) => format.prepare?.(values, signal);
}
