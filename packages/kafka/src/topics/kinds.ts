/** What a topic is for; names, retention and clean-up follow from it. */
export type TopicKind = 'event' | 'cdc' | 'metrics' | 'commands' | 'dlq';

/** Shape of the names of each kind, as far as types can tell; the rest is checked when the topic is defined. */
export interface TopicNames {
  readonly event: `${string}.${string}.${string}`;
  readonly cdc: `cdc.${string}.${string}`;
  readonly metrics: `metrics.${string}.${string}`;
  readonly commands: `commands.${string}.${string}`;
  readonly dlq: `dlq.${string}.${string}`;
}

/** What holds for all topics of a kind. */
export interface KindRules {
  /** The name for people: `cdc.database.table`. */
  readonly shape: string;
  readonly pattern: RegExp;
  /** Bounds of the time that records are kept, milliseconds; `undefined`: as long as the design says, or for ever. */
  readonly retention: { readonly minMs: number; readonly maxMs: number; readonly defaultMs: number } | undefined;
  /** Whether the last record of each key is kept, unless the design says otherwise. */
  readonly compacted: boolean;
  readonly partitionsMax: number;
  /** Settings that the kind needs beside those of retention and clean-up. */
  readonly config: Readonly<Record<string, string>>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SEGMENT = '[a-zA-Z0-9_-]+';
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

const kept = (minMs: number, maxMs: number, defaultMs: number) => ({ minMs, maxMs, defaultMs });
const three = (first: string): RegExp => new RegExp(`^${first}\\.${SEGMENT}\\.${SEGMENT}$`);

/** First words of the other kinds: no domain has such a name. */
const TAKEN = '(?!(?:cdc|metrics|commands|dlq)\\.)';

export const KINDS: Readonly<Record<TopicKind, KindRules>> = Object.freeze({
  event: {
    shape: 'domain.entity.event',
    pattern: three(`${TAKEN}${SEGMENT}`),
    retention: undefined,
    compacted: true,
    partitionsMax: NO_LIMIT,
    config: {},
  },
  cdc: {
    shape: 'cdc.database.table',
    pattern: three('cdc'),
    retention: kept(7 * DAY_MS, 30 * DAY_MS, 7 * DAY_MS),
    compacted: false,
    partitionsMax: NO_LIMIT,
    config: {},
  },
  metrics: {
    shape: 'metrics.service.type',
    pattern: three('metrics'),
    retention: kept(24 * HOUR_MS, 72 * HOUR_MS, 24 * HOUR_MS),
    compacted: false,
    partitionsMax: NO_LIMIT,
    config: {},
  },
  commands: {
    shape: 'commands.service.action',
    pattern: three('commands'),
    retention: kept(24 * HOUR_MS, 24 * HOUR_MS, 24 * HOUR_MS),
    compacted: false,
    partitionsMax: NO_LIMIT,
    config: {},
  },
  dlq: {
    shape: 'dlq.group.topic',
    // The topic has dots of its own.
    pattern: new RegExp(`^dlq\\.${SEGMENT}(?:\\.${SEGMENT})+$`),
    retention: kept(30 * DAY_MS, 30 * DAY_MS, 30 * DAY_MS),
    compacted: false,
    partitionsMax: 3,
    config: {
      // Letters have the timestamps of their records, by which old ones would be deleted at once: here the 30 days begin when a letter
      // comes.
      'message.timestamp.type': 'LogAppendTime',
      // A letter holds a record as large as any topic takes by default, and why it is here.
      'max.message.bytes': '10000000',
    },
  },
});
