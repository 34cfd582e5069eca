import type { RecordHeader } from 'millrace';
import type {
  ClientSettings,
  ConsumerDriver,
  ConsumerEvents,
  Fetched,
  FetchedRecords,
  PartitionOffset,
  TopicPartition,
} from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { call, CONNECT, disconnected } from './call.ts';
import type { ClientConsumer, ClientMessage, ClientModule } from './client-types.ts';
import { Trouble } from './trouble.ts';

/** `ready` is told at edges only; after so long a fetch is tried without it, milliseconds. */
const SAFETY_MS = 1_000;

/** Pulls messages; the flowing mode of the client knows no bounds and crashes at disconnect. */
export class ConfluentConsumer implements ConsumerDriver {
  private readonly client: ClientConsumer;
  private readonly safety: NodeJS.Timeout;
  private ends: PartitionOffset[] = [];
  private fetching: Promise<unknown> = Promise.resolve();
  private readonly topics = new Set<string>();
  private assigned = false;
  private closed = false;

  private constructor(client: ClientConsumer, events: ConsumerEvents) {
    this.client = client;
    this.safety = setInterval(() => events.ready(), SAFETY_MS);
    client.on('partition.eof', (end: PartitionOffset) => this.ends.push(end));
  }

  static async open(
    module: ClientModule,
    settings: ClientSettings,
    events: ConsumerEvents,
  ): Promise<ConfluentConsumer> {
    const client = new module.RdKafka.KafkaConsumer({
      ...settings,
      queue_non_empty_cb: () => events.ready(),
      // Partitions are assigned by hand: there is nothing to be told.
      rebalance_cb: () => undefined,
    });
    const trouble = new Trouble(settings).watch(client);
    await trouble.during(call('connecting the consumer', (done) => client.connect(CONNECT, done)));
    // A reader without connection hears nothing, and would be silent for ever.
    trouble.onRefused((error) => events.failed(error));
    client.setDefaultConsumeTimeout(0);
    return new ConfluentConsumer(client, events);
  }

  assign(partitions: readonly PartitionOffset[]): void {
    if (partitions.length === 0 || this.closed) return;
    for (const { topic } of partitions) this.topics.add(topic);
    if (this.assigned) this.client.incrementalAssign(partitions);
    else this.client.assign(partitions);
    this.assigned = true;
  }

  unassign(partitions: readonly TopicPartition[]): void {
    if (partitions.length === 0) return;
    this.guarded('giving partitions up', () => this.client.incrementalUnassign(partitions));
  }

  fetch(maxRecords: number): Promise<Fetched> {
    if (this.closed) return Promise.resolve({ records: new Messages([]), ends: [] });
    const consumed = call<readonly ClientMessage[]>('fetching', (done) => this.client.consume(maxRecords, done));
    const fetched = consumed.then(
      (messages) => {
        const { ends } = this;
        this.ends = [];
        return { records: new Messages(messages), ends };
      },
      (error: { readonly cause?: unknown }) => {
        const names = [...this.topics].map((topic) => `'${topic}'`).join(', ');
        throw kafkaError(`reading ${names}`, error.cause);
      },
    );
    this.fetching = fetched.catch(() => undefined);
    return fetched;
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.guarded('pausing', () => this.client.pause(partitions));
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.guarded('resuming', () => this.client.resume(partitions));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.safety);
    await this.fetching;
    await disconnected((done) => this.client.disconnect(done));
  }

  private guarded(step: string, act: () => void): void {
    if (this.closed) return;
    try {
      act();
    } catch (error) {
      throw kafkaError(step, error);
    }
  }
}

/** Messages of the client, as they are. */
class Messages implements FetchedRecords {
  readonly length: number;
  private readonly messages: (ClientMessage | undefined)[];

  constructor(messages: readonly ClientMessage[]) {
    this.messages = [...messages];
    this.length = messages.length;
  }

  topic(index: number): string {
    return this.at(index).topic;
  }

  partition(index: number): number {
    return this.at(index).partition;
  }

  offset(index: number): number {
    return this.at(index).offset;
  }

  timestamp(index: number): number {
    const { timestamp } = this.at(index);
    return timestamp === undefined || timestamp < 0 ? NaN : timestamp;
  }

  key(index: number): Uint8Array | null {
    const { key } = this.at(index);
    return typeof key === 'string' ? Buffer.from(key) : (key ?? null);
  }

  value(index: number): Uint8Array | null {
    return this.at(index).value;
  }

  headers(index: number): readonly RecordHeader[] {
    return (this.at(index).headers ?? []).flatMap((header) =>
      Object.entries(header).map(
        ([name, value]) => [name, typeof value === 'string' ? Buffer.from(value) : value] as const,
      ),
    );
  }

  release(from: number, to: number): void {
    this.messages.fill(undefined, from, to);
  }

  private at(index: number): ClientMessage {
    return this.messages[index] as ClientMessage;
  }
}
