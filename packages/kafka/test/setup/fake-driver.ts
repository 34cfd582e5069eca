import type { AdminDriver, KafkaDriver, OutgoingRecord, ProducerDriver, ProducerEvents } from '../../src/index.ts';

const resolved = () => Promise.resolve();

/** A producer that keeps what it is given; tests say what it does with it. */
export class FakeProducer implements ProducerDriver {
  readonly sent: OutgoingRecord[] = [];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly events: ProducerEvents;
  private readonly fake: FakeDriver;
  closed = false;

  constructor(fake: FakeDriver, settings: Readonly<Record<string, unknown>>, events: ProducerEvents) {
    this.fake = fake;
    this.settings = settings;
    this.events = events;
  }

  readonly initTransactions = resolved;
  readonly begin = resolved;
  readonly sendOffsets = resolved;
  readonly commit = resolved;
  readonly abort = resolved;

  send(record: OutgoingRecord): boolean {
    if (this.fake.full) return false;
    this.fake.beforeSend(record);
    this.sent.push(record);
    return true;
  }

  async flush(): Promise<void> {
    await this.fake.onFlush(this);
  }

  close(): Promise<void> {
    this.closed = true;
    return resolved();
  }
}

/** A cluster without brokers, for what a session does with its producers. */
export class FakeDriver implements KafkaDriver {
  readonly name = 'fake';
  readonly producers: FakeProducer[] = [];
  /** Whether producers have no room. */
  full = false;
  beforeSend: (record: OutgoingRecord) => void = () => undefined;
  onFlush: (producer: FakeProducer) => Promise<void> = resolved;

  /** The producer of the present life. */
  get last(): FakeProducer {
    const producer = this.producers.at(-1);
    if (producer === undefined) throw new Error('no producer was opened');
    return producer;
  }

  admin(): Promise<AdminDriver> {
    return Promise.resolve({
      topics: (names) => Promise.resolve(names.map((name) => ({ name, partitions: [{ replicas: 1, inSync: 1 }] }))),
      topicNames: () => Promise.resolve([]),
      createTopics: resolved,
      offsets: (partitions) => Promise.resolve(partitions.map(() => 0)),
      members: () => Promise.resolve([]),
      committed: () => Promise.resolve([]),
      close: resolved,
    });
  }

  consumer(): Promise<never> {
    return Promise.reject(new Error('nothing is read here'));
  }

  member(): Promise<never> {
    return Promise.reject(new Error('there is no group here'));
  }

  producer(settings: Readonly<Record<string, unknown>>, events: ProducerEvents): Promise<FakeProducer> {
    const producer = new FakeProducer(this, settings, events);
    this.producers.push(producer);
    return Promise.resolve(producer);
  }
}
