import type { TopicDescription } from '../driver/driver.ts';
import type { DesignedTopic } from './defined-topic.ts';
import { KINDS } from './kinds.ts';

/** Where a topic is not as it was designed. */
export interface TopicDifference {
  /** `partitions`, `replication`, or a setting by Kafka's name. */
  readonly setting: string;
  readonly designed: string;
  readonly actual: string;
  /** Whether the design does not hold with it: `ensure` refuses it. Else it is only said. */
  readonly breaks: boolean;
  /** Whether the topic can be changed to what was designed. */
  readonly changeable: boolean;
  /** What may be done, with Kafka's own tools: nothing here changes a topic that exists. */
  readonly cure: string;
}

/** Differences that need no settings to be read. */
export function structureDifferences(
  design: DesignedTopic,
  { partitions }: TopicDescription,
): readonly TopicDifference[] {
  const found = partitions.length < design.partitions ? [fewer(design, partitions.length)] : [];
  if (partitions.length > design.partitions) found.push(more(design, partitions.length));
  const fewest = Math.min(...partitions.map(({ replicas }) => replicas));
  if (design.replication === -1 || fewest === design.replication) return found;
  return [
    ...found,
    {
      setting: 'replication',
      designed: String(design.replication),
      actual: String(fewest),
      breaks: fewest < design.replication,
      changeable: true,
      cure: 'Reassign its partitions: kafka-reassign-partitions.sh.',
    },
  ];
}

function fewer({ name, partitions }: DesignedTopic, actual: number): TopicDifference {
  return {
    ...{ setting: 'partitions', designed: String(partitions), actual: String(actual), breaks: true, changeable: true },
    cure:
      `Add them: kafka-topics.sh --alter --topic ${name} --partitions ${partitions}. Keys then go to other partitions than before: order ` +
      'within a key breaks once, and joins with topics of another number.',
  };
}

function more({ partitions }: DesignedTopic, actual: number): TopicDifference {
  return {
    ...{
      setting: 'partitions',
      designed: String(partitions),
      actual: String(actual),
      breaks: false,
      changeable: false,
    },
    cure: `Partitions cannot be taken away: design it with ${actual}, or make it anew.`,
  };
}

/** Differences of settings, those of the broker's defaults included. */
export function settingDifferences(
  design: DesignedTopic,
  settings: Readonly<Record<string, string>>,
): readonly TopicDifference[] {
  return Object.entries(design.config).flatMap(([setting, designed]) => {
    const actual = settings[setting] ?? 'not set';
    if (isSame(setting, designed, actual)) return [];
    const cure = `kafka-configs.sh --alter --entity-type topics --entity-name ${design.name} --add-config ${setting}=${quoted(designed)}`;
    return [{ setting, designed, actual, breaks: breaks(design, setting, actual), changeable: true, cure }];
  });
}

function isSame(setting: string, designed: string, actual: string): boolean {
  return setting === 'cleanup.policy' ? partsOf(designed) === partsOf(actual) : designed === actual;
}

function partsOf(policy: string): string {
  return policy
    .split(',')
    .map((part) => part.trim())
    .sort()
    .join();
}

/** A list has commas, which would end the setting. */
function quoted(value: string): string {
  return value.includes(',') ? `[${value}]` : value;
}

function breaks({ kind, config }: DesignedTopic, setting: string, actual: string): boolean {
  const designed = Number(config[setting]);
  switch (setting) {
    case 'cleanup.policy':
    case 'message.timestamp.type':
      return true;
    case 'min.insync.replicas':
      return !(Number(actual) >= designed);
    case 'retention.ms':
      return !keepsLongEnough(KINDS[kind].retention, designed, actual);
    default:
      return false;
  }
}

/** -1 stands for ever. */
function keepsLongEnough(
  bounds: { readonly minMs: number; readonly maxMs: number } | undefined,
  designedMs: number,
  actual: string,
): boolean {
  const lasting = (ms: number): number => (ms === -1 ? Infinity : ms);
  const actualMs = lasting(Number(actual));
  if (bounds === undefined) return actualMs >= lasting(designedMs);
  return actualMs >= bounds.minMs && actualMs <= bounds.maxMs;
}
