import { checkOptions, MillraceError, optionError } from 'millrace';
import { bytes, json, type Format } from '../formats/format.ts';
import { checkConfig, checkDesignName, checkNumbers, retentionOf } from './check-design.ts';
import type {
  CdcTopicOptions,
  CommandTopicOptions,
  DeadLetterTopicOptions,
  DefinedTopic,
  EventTopicOptions,
  MetricsTopicOptions,
  TopicKey,
  DesignOptions,
  TopicValues,
} from './defined-topic.ts';
import { designWarnings } from './design-warnings.ts';
import { KINDS, type TopicKind, type TopicNames } from './kinds.ts';

const COMMON = ['partitions', 'keyValues', 'replication', 'minInSync', 'config'];
const VALUES = ['schema', 'format', 'key'];

/** Options of all kinds together. */
type AnyOptions<T> = DesignOptions &
  TopicValues<T> & {
    readonly key?: TopicKey<T>;
    readonly compacted?: boolean;
    readonly retention?: EventTopicOptions<T>['retention'];
  };

/**
 * A topic of events, such as `shop.order.placed`: the last event of each key is kept for ever (compacted).
 *
 * @throws {MillraceError} `OPTION_INVALID` for a name that is not `domain.entity.event`, or wrong options
 * @example
 * const orders = topics.event('shop.order.placed', { schema: Order, key: 'order_id', partitions: 6 });
 */
export function event<T>(name: TopicNames['event'], options: EventTopicOptions<T>): DefinedTopic<T> {
  return defined('event', name, options, [...COMMON, ...VALUES, 'compacted', 'retention']);
}

/**
 * A topic of changes of a table, such as `cdc.shop.orders`: kept for 7 to 30 days.
 *
 * @throws {MillraceError} `OPTION_INVALID` for a name that is not `cdc.database.table`, or wrong options
 * @example
 * const changes = topics.cdc('cdc.shop.orders', { schema: Order, key: 'order_id', partitions: 6, retention: '14d' });
 */
export function cdc<T>(name: TopicNames['cdc'], options: CdcTopicOptions<T>): DefinedTopic<T> {
  return defined('cdc', name, options, [...COMMON, ...VALUES, 'compacted', 'retention']);
}

/**
 * A topic of measurements, such as `metrics.checkout.latency`: kept for 24 to 72 hours.
 *
 * @throws {MillraceError} `OPTION_INVALID` for a name that is not `metrics.service.type`, or wrong options
 * @example
 * const latency = topics.metrics('metrics.checkout.latency', { schema: Latency, partitions: 3, retention: '72h' });
 */
export function metrics<T>(name: TopicNames['metrics'], options: MetricsTopicOptions<T>): DefinedTopic<T> {
  return defined('metrics', name, options, [...COMMON, ...VALUES, 'retention']);
}

/**
 * A topic of commands, such as `commands.payment.capture`: kept for 24 hours.
 *
 * @throws {MillraceError} `OPTION_INVALID` for a name that is not `commands.service.action`, or wrong options
 * @example
 * const captures = topics.commands('commands.payment.capture', { schema: Capture, key: 'order_id', partitions: 6 });
 */
export function commands<T>(name: TopicNames['commands'], options: CommandTopicOptions<T>): DefinedTopic<T> {
  return defined('commands', name, options, [...COMMON, ...VALUES]);
}

/**
 * A topic of dead letters, such as `dlq.revenue.shop.order.placed`, as `kafka.deadLetters()` names and writes them: 1 to 3 partitions,
 * kept for 30 days from when a letter came. Letters are bytes as they came.
 *
 * @throws {MillraceError} `OPTION_INVALID` for a name that is not `dlq.group.topic`, or wrong options
 * @example
 * const dead = topics.dlq('dlq.revenue.shop.order.placed', { partitions: 3 });
 */
export function dlq(name: TopicNames['dlq'], options: DeadLetterTopicOptions = {}): DefinedTopic<Uint8Array> {
  checkOptions(
    `topics.dlq('${String(name)}')`,
    options,
    COMMON.filter((one) => one !== 'keyValues'),
  );
  return defined('dlq', name, { ...options, partitions: options.partitions ?? 1, format: bytes() }, [
    ...COMMON,
    ...VALUES,
  ]);
}

function defined<T>(kind: TopicKind, name: string, options: AnyOptions<T>, known: readonly string[]): DefinedTopic<T> {
  checkDesignName(kind, name);
  checkOptions(`topics.${kind}('${name}')`, options, known);
  checkNumbers(kind, name, options);
  checkConfig(kind, name, options.config);
  const { partitions, keyValues, replication = -1 } = options;
  const config = configOf(kind, name, options);
  const format = formatOf(name, options);
  const key = keyOf(name, options.key, kind === 'metrics' || kind === 'dlq');
  return Object.freeze({
    kind,
    name,
    partitions,
    replication,
    config,
    warnings: Object.freeze(designWarnings({ name, partitions, config, keyValues, mayBeSingle: kind === 'dlq' })),
    read: Object.freeze({ format }),
    write: Object.freeze(key === undefined ? { format } : { format, key }),
  });
}

function configOf<T>(kind: TopicKind, name: string, options: AnyOptions<T>): Readonly<Record<string, string>> {
  const rules = KINDS[kind];
  const { compacted = rules.compacted, minInSync, config } = options;
  if (typeof compacted !== 'boolean') throw optionError(`compacted of '${name}'`, compacted, 'true or false');
  const retentionMs = retentionOf(name, rules, options.retention);
  const policy = compacted ? (retentionMs === undefined ? 'compact' : 'compact,delete') : 'delete';
  return Object.freeze({
    'cleanup.policy': policy,
    ...(policy === 'compact' ? {} : { 'retention.ms': String(retentionMs ?? -1) }),
    ...(minInSync === undefined ? {} : { 'min.insync.replicas': String(minInSync) }),
    ...rules.config,
    ...config,
  });
}

function formatOf<T>(name: string, { schema, format }: TopicValues<T>): Format<T> {
  if (schema !== undefined && format !== undefined)
    throw optionError(`schema of '${name}'`, 'a schema beside a format', 'given to the format: kafka.json(schema)');
  if (schema !== undefined) return json(schema);
  if (typeof (format as Format<T> | undefined)?.decode !== 'function')
    throw optionError(`schema of '${name}'`, schema, 'a schema such as struct({ ... }), or a format');
  return format as Format<T>;
}

function keyOf<T>(
  name: string,
  key: TopicKey<T> | undefined,
  optional: boolean,
): ((value: T) => string | Uint8Array) | undefined {
  if (key === undefined && optional) return undefined;
  if (typeof key === 'function') return key;
  if (typeof key !== 'string' || key === '')
    throw optionError(`key of '${name}'`, key, 'the name of a field, or a function of the value');
  return (value) => {
    // Types are gone when it runs: all records without the field would have the key 'undefined'.
    const field: unknown = value[key as keyof T];
    if (typeof field === 'string') return field;
    if (typeof field === 'number' || typeof field === 'bigint') return String(field);
    throw new MillraceError('RECORD_MALFORMED', {
      message: `key of '${name}': field '${key}' is ${field === null ? 'null' : typeof field}, but must be text or a number.`,
      fields: { topic: name, field: key },
    });
  };
}
