/** The part of the client's callback API that is used here; the client has types of its own only where it is installed. */
type Callback<T = unknown> = (error: unknown, result: T) => void;

export interface ClientMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp?: number;
  readonly key?: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: readonly Readonly<Record<string, Buffer | string>>[];
}

interface Client {
  connect(options: object, callback: Callback): void;
  on(event: string, listener: (...values: never[]) => void): void;
}

export interface ClientConsumer extends Client {
  disconnect(callback: Callback): void;
  setDefaultConsumeTimeout(ms: number): void;
  consume(count: number, callback: Callback<readonly ClientMessage[]>): void;
  incrementalAssign(partitions: readonly object[]): void;
  incrementalUnassign(partitions: readonly object[]): void;
  commitCb(offsets: readonly object[], callback: Callback): void;
  assign(partitions: readonly object[]): void;
  unassign(): void;
  subscribe(topics: readonly string[]): void;
  assignmentLost(): boolean;
  pause(partitions: readonly object[]): void;
  resume(partitions: readonly object[]): void;
}

export interface ClientProducer extends Client {
  setPollInBackground(on: boolean): void;
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key: Buffer | null,
    timestamp?: number,
    opaque?: unknown,
    headers?: readonly object[],
  ): void;
  flush(timeoutMs: number, callback: Callback): void;
  disconnect(flushMs: number, callback: Callback): void;
  initTransactions(timeoutMs: number, callback: Callback): void;
  beginTransaction(callback: Callback): void;
  sendOffsetsToTransaction(
    offsets: readonly object[],
    consumer: ClientConsumer,
    timeoutMs: number,
    callback: Callback,
  ): void;
  commitTransaction(timeoutMs: number, callback: Callback): void;
  abortTransaction(timeoutMs: number, callback: Callback): void;
}

export interface ClientAdmin {
  disconnect(): void;
  createTopic(topic: object, timeoutMs: number, callback: Callback): void;
  listTopics(options: object, callback: Callback<readonly string[]>): void;
  describeTopics(names: readonly string[], options: object, callback: Callback<readonly DescribedTopic[]>): void;
  listOffsets(partitions: readonly object[], options: object, callback: Callback<readonly ListedOffset[]>): void;
  describeGroups(groups: readonly string[], options: object, callback: Callback<DescribedGroups>): void;
  listConsumerGroupOffsets(
    groups: readonly object[],
    options: object,
    callback: Callback<readonly GroupOffsets[]>,
  ): void;
}

export interface DescribedGroups {
  readonly groups: readonly {
    readonly error?: { readonly code: number; readonly message: string };
    readonly members: readonly { readonly memberId: string; readonly groupInstanceId?: string | null }[];
  }[];
}

export interface DescribedTopic {
  readonly name: string;
  readonly error?: { readonly code: number; readonly message: string };
  readonly partitions: readonly {
    readonly partition: number;
    readonly isr: readonly unknown[];
    readonly replicas: readonly unknown[];
  }[];
}

export interface ListedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface GroupOffsets {
  readonly error?: { readonly code: number; readonly message: string };
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number | null;
    readonly metadata?: string | null;
    readonly error?: { readonly code: number; readonly message: string };
  }[];
}

/** The module. */
export interface ClientModule {
  readonly RdKafka: {
    readonly KafkaConsumer: new (settings: object) => ClientConsumer;
    readonly Producer: new (settings: object) => ClientProducer;
    readonly AdminClient: {
      create(settings: object, handlers: object): ClientAdmin;
      createFrom(client: ClientConsumer): ClientAdmin;
    };
  };
}
