import type { ConsumerDriver, ConsumerEvents, Fetched, PartitionOffset, TopicPartition } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import type { Channel } from './channel.ts';
import { ModelRecords, type ReceivedRecord } from './model-records.ts';
import type { PartitionLog } from './partition-log.ts';

/** Records that wait in the client, above which it asks for no more. */
const BUFFERED_MAX = 1_000;

/** What the client knows of a partition. */
interface Reading {
  readonly topic: string;
  readonly partition: number;
  readonly log: PartitionLog;
  /** Of the next record to ask for. */
  position: number;
  /** Of the next record to hand over. */
  delivered: number;
  paused: boolean;
  /** The last end that was told of. */
  toldEnd: number;
  /** Answers to what was asked before are thrown away. */
  round: number;
}

/** In the order it came: a record, or the end of a partition. */
type Item = { readonly of: Reading } & ({ readonly received: ReceivedRecord } | { readonly end: number });

/** Reads ahead of whoever fetches, one answer after the other. */
export class ModelConsumer implements ConsumerDriver {
  private readonly channel: Channel;
  private readonly events: ConsumerEvents;
  /** Records of one partition in one answer, at most. */
  private readonly answerRecords: () => number;
  private readonly readings = new Map<string, Reading>();
  private readonly unwatch: (() => void)[] = [];
  private items: Item[] = [];
  private asking = false;
  private closed = false;

  constructor(channel: Channel, events: ConsumerEvents, answerRecords: () => number) {
    this.channel = channel;
    this.events = events;
    this.answerRecords = answerRecords;
  }

  assign(partitions: readonly PartitionOffset[]): void {
    for (const { topic, partition, offset } of partitions) {
      const log = this.channel.broker.topic(topic)?.[partition];
      if (log === undefined) continue;
      const rest = { position: offset, delivered: offset, paused: false, toldEnd: -1, round: 0 };
      this.readings.set(partitionId(topic, partition), { topic, partition, log, ...rest });
      this.unwatch.push(log.onChange(() => this.ask()));
    }
    this.ask();
  }

  unassign(partitions: readonly TopicPartition[]): void {
    for (const reading of this.named(partitions)) {
      this.purge(reading);
      this.readings.delete(partitionId(reading.topic, reading.partition));
    }
  }

  fetch(maxRecords: number): Promise<Fetched> {
    const received: ReceivedRecord[] = [];
    const ends: PartitionOffset[] = [];
    let taken = 0;
    for (const item of this.items) {
      if ('end' in item) ends.push({ topic: item.of.topic, partition: item.of.partition, offset: item.end });
      else {
        if (received.length === maxRecords) break;
        received.push(item.received);
        item.of.delivered = item.received.record.offset + 1;
      }
      taken++;
    }
    this.items = this.items.slice(taken);
    this.ask();
    return Promise.resolve({ records: new ModelRecords(received), ends });
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const reading of this.named(partitions)) {
      reading.paused = true;
      this.purge(reading);
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const reading of this.named(partitions)) {
      reading.paused = false;
      this.purge(reading);
    }
    this.ask();
  }

  close(): Promise<void> {
    this.closed = true;
    this.items = [];
    for (const unwatch of this.unwatch.splice(0)) unwatch();
    return Promise.resolve();
  }

  private named(partitions: readonly TopicPartition[]): Reading[] {
    return partitions.flatMap(({ topic, partition }) => this.readings.get(partitionId(topic, partition)) ?? []);
  }

  /** What was read ahead is thrown away, and read again later. */
  private purge(reading: Reading): void {
    this.items = this.items.filter(({ of }) => of !== reading);
    reading.position = reading.delivered;
    reading.toldEnd = -1;
    reading.round++;
  }

  private ask(): void {
    if (this.asking || this.closed || this.items.length >= BUFFERED_MAX) return;
    const wanted = [...this.readings.values()].filter(
      ({ paused, position, toldEnd, log }) => !paused && (position < log.lastStable || toldEnd < position),
    );
    if (wanted.length === 0) return;
    this.asking = true;
    const asked = wanted.map((reading) => ({ reading, round: reading.round }));
    this.channel.background(() => {
      const answers = asked.map(({ reading, round }) => {
        const { records, next } = reading.log.read(reading.position, this.answerRecords());
        return { reading, round, records, next, atEnd: next >= reading.log.lastStable };
      });
      this.channel.reply(() => {
        this.asking = false;
        if (this.closed) return;
        for (const { reading, round, records, next, atEnd } of answers) {
          if (round !== reading.round) continue;
          const { topic, partition } = reading;
          for (const record of records) this.items.push({ of: reading, received: { topic, partition, record } });
          reading.position = next;
          if (!atEnd || reading.toldEnd >= next) continue;
          reading.toldEnd = next;
          this.items.push({ of: reading, end: next });
        }
        this.events.ready();
        this.ask();
      });
    });
  }
}
