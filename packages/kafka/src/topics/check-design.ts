import { optionError, positiveDurationMs, type Duration } from 'millrace';
import { checkTopicName } from '../driver/topic-name.ts';
import type { DesignOptions } from './defined-topic.ts';
import { KINDS, type KindRules, type TopicKind } from './kinds.ts';

/** Settings that stand in options of their own. */
const DESIGNED: Readonly<Record<string, string>> = {
  'cleanup.policy': 'the kind of topic, and compacted',
  'retention.ms': 'retention',
  'min.insync.replicas': 'minInSync',
};

const DAY_MS = 86_400_000;

/** @throws MillraceError `OPTION_INVALID` */
export function checkDesignName(kind: TopicKind, name: unknown): asserts name is string {
  const { shape, pattern } = KINDS[kind];
  checkTopicName(`name of topics.${kind}()`, name);
  if (!pattern.test(name)) throw optionError(`name of topics.${kind}()`, name, `of the form ${shape}`);
}

/** @throws MillraceError `OPTION_INVALID` */
export function checkNumbers(kind: TopicKind, name: string, options: DesignOptions): void {
  const { partitions, keyValues, replication, minInSync } = options;
  const { partitionsMax } = KINDS[kind];
  const upTo = partitionsMax === Number.MAX_SAFE_INTEGER ? 'a whole number from 1 on' : `1 to ${partitionsMax}`;
  if (!isCount(partitions) || partitions > partitionsMax)
    throw optionError(`partitions of '${name}'`, partitions, upTo);
  for (const [option, value] of Object.entries({ keyValues, replication, minInSync }))
    if (value !== undefined && !isCount(value))
      throw optionError(`${option} of '${name}'`, value, 'a whole number from 1 on');
  if (replication !== undefined && minInSync !== undefined && minInSync > replication)
    throw optionError(
      `minInSync of '${name}'`,
      minInSync,
      `at most replication, ${replication}: nothing could be written`,
    );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** @throws MillraceError `OPTION_INVALID` */
export function checkConfig(kind: TopicKind, name: string, config: unknown = {}): void {
  if (typeof config !== 'object' || config === null) throw optionError(`config of '${name}'`, config, 'an object');
  for (const [setting, value] of Object.entries(config) as [string, unknown][]) {
    const instead =
      DESIGNED[setting] ?? (setting in KINDS[kind].config ? `nothing: topics.${kind}() needs it` : undefined);
    if (instead !== undefined) throw optionError(`config of '${name}'`, `{ ${setting} }`, `without it; use ${instead}`);
    if (typeof value !== 'string') throw optionError(`config['${setting}'] of '${name}'`, value, 'text');
  }
}

/**
 * How long records are kept, milliseconds; `undefined`: for ever.
 *
 * @throws MillraceError `OPTION_INVALID`
 */
export function retentionOf(name: string, rules: KindRules, retention: Duration | undefined): number | undefined {
  const { retention: bounds, shape } = rules;
  if (retention === undefined) return bounds?.defaultMs;
  const ms = positiveDurationMs(retention, `retention of '${name}'`);
  if (bounds === undefined || (ms >= bounds.minMs && ms <= bounds.maxMs)) return ms;
  throw optionError(`retention of '${name}'`, retention, `${spanOf(bounds)} for ${shape}`);
}

/** Bounds for people: `7 to 30 days`. */
export function spanOf({ minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }): string {
  const inDays = minMs % DAY_MS === 0 && minMs > DAY_MS;
  const [unit, name] = inDays ? [DAY_MS, 'days'] : [DAY_MS / 24, 'hours'];
  return minMs === maxMs ? `${minMs / unit} ${name}` : `${minMs / unit} to ${maxMs / unit} ${name}`;
}
