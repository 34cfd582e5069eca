import type { RecordHeader } from 'millrace';

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A partition and a place in it: the offset of the next record. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** An offset as a group keeps it. */
export interface GroupOffset extends PartitionOffset {
  /** At most 4096 bytes by the broker's default. */
  readonly metadata?: string;
}

/**
 * Records as the client has them. What is not asked for is not decoded; an answer stays valid as long as it is referred to.
 */
export interface FetchedRecords {
  readonly length: number;
  topic(index: number): string;
  partition(index: number): number;
  offset(index: number): number;
  /** Epoch milliseconds; NaN where the record has none. */
  timestamp(index: number): number;
  key(index: number): Uint8Array | null;
  value(index: number): Uint8Array | null;
  headers(index: number): readonly RecordHeader[];
  /**
   * Records `from` to `to` (exclusive) are not asked for again: what they hold may be freed, though others of the answer still
   * wait. Default: it is freed with the last of them.
   */
  release?(from: number, to: number): void;
}

/** What one `fetch` brought. */
export interface Fetched {
  readonly records: FetchedRecords;
  /** Partitions that were read to their end, and the offset of that end: what stands below it was handed over, or is no record. */
  readonly ends: readonly PartitionOffset[];
}

/** A record to be written. */
export interface OutgoingRecord {
  readonly topic: string;
  /** `undefined`: any, for a record without key. */
  readonly partition: number | undefined;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Epoch milliseconds; `undefined`: now. */
  readonly timestamp: number | undefined;
  readonly headers: readonly RecordHeader[];
}

/** A topic as the broker describes it. */
export interface TopicDescription {
  readonly name: string;
  /** Replicas of each partition, by its number. */
  readonly partitions: readonly { readonly replicas: number; readonly inSync: number }[];
}

/** A topic to be made. */
export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Settings of a topic as they hold now, by Kafka's names, the broker's defaults among them. */
export interface TopicSettings {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Settings by the client's own names. */
export type ClientSettings = Readonly<Record<string, unknown>>;

/** How a client is told about things that happen by themselves. */
export interface ConsumerEvents {
  /** `fetch` may have something now. */
  ready(): void;
  /** The client cannot go on. */
  failed(error: Error): void;
}

/**
 * Reads records of partitions assigned by hand. Only committed records are handed over. `fetch` returns at once with what
 * is there, at most `maxRecords`; one call at a time. Records of one partition come in order.
 */
export interface ConsumerDriver {
  /** Adds partitions, each with the offset it begins at. */
  assign(partitions: readonly PartitionOffset[]): void;
  /** Gives partitions up. A fetch that is under way may still bring records of them; one that begins later does not. */
  unassign(partitions: readonly TopicPartition[]): void;
  fetch(maxRecords: number): Promise<Fetched>;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  close(): Promise<void>;
}

/** What a member of a group is told. One after the other: nothing else is said until `revoked` has resolved. */
export interface MemberEvents {
  /** A round of the group is over: all partitions that are this member's now. */
  assigned(partitions: readonly TopicPartition[]): void;
  /**
   * The group begins another round. Until the promise resolves the member still belongs to the last one, and may commit
   * offsets for these partitions; then it takes part in the next. A rejection counts as an answer, too.
   */
  revoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** The group has gone on without this member: nothing may be committed any more. It joins again by itself. */
  lost(partitions: readonly TopicPartition[]): void;
  /**
   * Another has joined with the same `group.instance.id` and taken this member's place: it is told nothing more, and may commit nothing.
   * `fields.kafka` of the error is 82.
   */
  fenced?(error: Error): void;
}

/**
 * A member of a consumer group, by the classic protocol. It reads nothing: it stands for the process in the group, and offsets
 * committed for it are refused once the group has gone on without it.
 */
export interface MemberDriver {
  readonly group: string;
  /**
   * Commits offsets outside of any transaction. Rejected if the group has gone on without the member: 25, 22 or 82, as with
   * `ProducerDriver.sendOffsets`.
   */
  commit(offsets: readonly GroupOffset[]): Promise<void>;
  /** A static member stays in the group until its session ends, or until its successor takes its place. */
  close(): Promise<void>;
}

/** A record that was given up, as far as the client still knows it; empty may come as none. */
export interface GivenUpRecord extends TopicPartition {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** How a producer tells what became of records. */
export interface ProducerEvents {
  /**
   * A record was given up. `fields.kafka` of the error is the broker's answer, which is one for a whole batch: any of its
   * records may be at fault. Not told of records that an abort has thrown away. `id` as it was sent; the record's key and value may
   * be missing for one that has an id.
   */
  failed(error: Error, record: GivenUpRecord, id?: number): void;
  /**
   * The record that was sent with `id` is written. Asked for by being there: a producer that need not tell of what went well
   * spends nothing on it. Records of one partition come in order.
   */
  delivered?(id: number, place: PartitionOffset): void;
}

/**
 * Writes records. With a transactional id: `initTransactions` once, then `begin ... sendOffsets, commit` or `abort` again and
 * again. Any rejection of a transaction's call leaves its outcome unknown, and the producer is not used again.
 */
export interface ProducerDriver {
  /** Ends the transaction of a predecessor with the same id, and locks it out. */
  initTransactions(): Promise<void>;
  begin(): Promise<void>;
  /**
   * Offsets that the member's group commits with the transaction. Rejected if the group has gone on without the member: 25
   * (unknown member), 22 (a later generation), 82 (another static member with its name).
   */
  sendOffsets(member: MemberDriver, offsets: readonly GroupOffset[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  /**
   * Takes a record, or returns `false`: there is no room now. Throws for a record that can never be written. `id` comes back when
   * its fate is told; it needs `delivered`.
   */
  send(record: OutgoingRecord, id?: number): boolean;
  /** Resolves when every record taken was acknowledged or given up, and the first given up was told; after that it may never. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Where an offset is looked up: the first record kept, the end, or the first record at or after a time (epoch ms). */
export type OffsetQuery = 'earliest' | 'latest' | { readonly timestamp: number };

/** Asks and tells the cluster. */
export interface AdminDriver {
  /** Of `names` those that exist. */
  topics(names: readonly string[]): Promise<readonly TopicDescription[]>;
  topicNames(): Promise<readonly string[]>;
  /** A topic that exists already is no error. */
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  /** In the order of `partitions`. `latest` is the high watermark: behind records of open transactions and control records. */
  offsets(partitions: readonly TopicPartition[], query: OffsetQuery): Promise<readonly number[]>;
  /**
   * All that a group has committed.
   *
   * @param stable whether to wait for transactions that are about to be decided
   */
  committed(group: string, stable: boolean): Promise<readonly GroupOffset[]>;
  /** Names of the members of a group: `group.instance.id` of static ones, ids that the broker gave to others. */
  members(group: string): Promise<readonly string[]>;
  /**
   * Settings of topics that exist, in the order of `names`. Absent: the client cannot read them.
   *
   * @throws MillraceError `DEPENDENCY_MISSING` if it takes a package that is not installed; `OPTION_UNSUPPORTED` if a connection's
   *   settings cannot be used for it; `IO_FAILED` if the cluster does not answer, or the user may not read them (29)
   */
  topicSettings?(names: readonly string[]): Promise<readonly TopicSettings[]>;
  close(): Promise<void>;
}

/**
 * A Kafka client. Everything the connector asks of one goes through here; a second client needs these five members and
 * must pass `driverContract`.
 */
export interface KafkaDriver {
  readonly name: string;
  admin(settings: ClientSettings): Promise<AdminDriver>;
  consumer(settings: ClientSettings, events: ConsumerEvents): Promise<ConsumerDriver>;
  producer(settings: ClientSettings, events: ProducerEvents): Promise<ProducerDriver>;
  /**
   * Joins the group of `group.id`, as the static member `group.instance.id` if there is one: it takes the place of a
   * predecessor at once, which is locked out. Resolves when the client is connected; `assigned` tells when it belongs to the
   * group.
   */
  member(settings: ClientSettings, topics: readonly string[], events: MemberEvents): Promise<MemberDriver>;
}
