import type { Duration, Schema } from 'millrace';
import type { Format } from '../formats/format.ts';
import type { TopicKind } from './kinds.ts';

/** Names of those fields of `T` that can be a key: text, or numbers, which are written as text. */
export type KeyField<T> = {
  [Field in keyof T & string]: T[Field] extends string | number | bigint ? Field : never;
}[keyof T & string];

/** Partition key of a record: the name of a field, or a function of the value. */
export type TopicKey<T> = KeyField<T> | ((value: T) => string | Uint8Array);

/** What the design of any topic says. */
export interface DesignOptions {
  /** Whole number from 1 on; `dlq`: 1 to 3. How many processes can share the work; it cannot be made less later. */
  readonly partitions: number;
  /** How many values the key will have, if that is known: more partitions than that are warned of. */
  readonly keyValues?: number;
  /** Replicas of each partition. Default: the broker's. */
  readonly replication?: number;
  /** `min.insync.replicas`: how many replicas must have a record before it counts as written. Default: the broker's. */
  readonly minInSync?: number;
  /** Further settings by Kafka's names, such as `{ 'max.message.bytes': '2000000' }`. Those that the design says itself are refused. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Values of a topic, and how they become bytes. One of the two. */
export type TopicValues<T> =
  | { readonly schema: Schema<T>; readonly format?: undefined }
  | { readonly format: Format<T>; readonly schema?: undefined };

/** Design of a topic of events, `domain.entity.event`: the last one of each key is kept for ever. */
export type EventTopicOptions<T> = DesignOptions &
  TopicValues<T> & {
    /** Compacted topics take no record without a key. */
    readonly key: TopicKey<NoInfer<T>>;
    /** `false`: every event is kept, for `retention`. Default `true`. */
    readonly compacted?: boolean;
    /** How long events are kept at least; with compaction older ones go as well. Default: for ever. */
    readonly retention?: Duration;
  };

/** Design of a topic of changes, `cdc.database.table`. */
export type CdcTopicOptions<T> = DesignOptions &
  TopicValues<T> & {
    readonly key: TopicKey<NoInfer<T>>;
    /** `true`: within `retention` only the last change of each row need be kept. Default `false`. */
    readonly compacted?: boolean;
    /** 7 to 30 days. Default `'7d'`. */
    readonly retention?: Duration;
  };

/** Design of a topic of measurements, `metrics.service.type`. */
export type MetricsTopicOptions<T> = DesignOptions &
  TopicValues<T> & {
    /** Default: none; records are spread evenly. */
    readonly key?: TopicKey<NoInfer<T>>;
    /** 24 to 72 hours. Default `'24h'`. */
    readonly retention?: Duration;
  };

/** Design of a topic of commands, `commands.service.action`; they are kept for 24 hours. */
export type CommandTopicOptions<T> = DesignOptions & TopicValues<T> & { readonly key: TopicKey<NoInfer<T>> };

/** Design of a topic of dead letters, `dlq.group.topic`; they are kept for 30 days. Letters have the keys of their records. */
export type DeadLetterTopicOptions = Omit<DesignOptions, 'partitions' | 'keyValues'> & {
  /** 1 to 3. Default 1. */
  readonly partitions?: number;
};

/** A topic as it is meant to be, as far as a cluster knows of it. */
export interface DesignedTopic {
  readonly kind: TopicKind;
  readonly name: string;
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replication: number;
  /** All settings that the design says, by Kafka's names. */
  readonly config: Readonly<Record<string, string>>;
  /** What is questionable about the design, one line each. */
  readonly warnings: readonly string[];
}

/** A designed topic, and what sources, sinks and producers need to read and write it as designed. Frozen data. */
export interface DefinedTopic<T> extends DesignedTopic {
  /** Options of `kafka.topic`: `kafka.topic(orders.name, { ...orders.read, onError })`. */
  readonly read: { readonly format: Format<T> };
  /** Options of `kafka.sink` and of producers: `kafka.sink(orders.name, orders.write)`. Without a key there is no `key`. */
  readonly write: { readonly format: Format<T>; readonly key?: (value: T) => string | Uint8Array };
}
