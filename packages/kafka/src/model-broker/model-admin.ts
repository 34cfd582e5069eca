import type {
  AdminDriver,
  GroupOffset,
  NewTopic,
  OffsetQuery,
  TopicDescription,
  TopicPartition,
  TopicSettings,
} from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import type { Channel } from './channel.ts';
import type { KafkaStep } from './client-host.ts';

/** Questions and orders to the modelled cluster. */
export class ModelAdmin implements AdminDriver {
  private readonly channel: Channel;
  private closed = false;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  topics(names: readonly string[]): Promise<readonly TopicDescription[]> {
    if (names.length === 0) return Promise.resolve([]);
    return this.ask('describeTopics', undefined, () =>
      names.flatMap((name) => {
        const logs = this.channel.broker.topic(name);
        return logs === undefined ? [] : [{ name, partitions: logs.map(() => ({ replicas: 1, inSync: 1 })) }];
      }),
    );
  }

  topicNames(): Promise<readonly string[]> {
    return this.ask('listTopics', undefined, () => this.channel.broker.topicNames());
  }

  createTopics(topics: readonly NewTopic[]): Promise<void> {
    return this.ask('createTopic', undefined, () => {
      for (const { name, partitions, config } of topics)
        this.channel.broker.createTopic(name, partitions, undefined, config);
    });
  }

  offsets(partitions: readonly TopicPartition[], query: OffsetQuery): Promise<readonly number[]> {
    if (partitions.length === 0) return Promise.resolve([]);
    return this.ask('listOffsets', 'offsets looked up', () =>
      partitions.map((partition) => {
        const log = this.channel.broker.log(partition);
        if (query === 'earliest') return 0;
        return query === 'latest' ? log.highWatermark : log.offsetAt(query.timestamp);
      }),
    );
  }

  committed(group: string, stable: boolean): Promise<readonly GroupOffset[]> {
    return this.ask('listConsumerGroupOffsets', 'marker read', () =>
      this.channel.broker.group(group).committed(stable),
    );
  }

  members(group: string): Promise<readonly string[]> {
    return this.ask('describeGroups', undefined, () => this.channel.broker.group(group).members.names());
  }

  topicSettings(names: readonly string[]): Promise<readonly TopicSettings[]> {
    return this.ask('describeConfigs', undefined, () =>
      names.map((name) => ({ name, settings: this.channel.broker.settingsOf(name) })),
    );
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  private ask<R>(name: string, step: KafkaStep | undefined, act: () => R): Promise<R> {
    if (this.closed) return Promise.reject(kafkaError(name, new Error('the client is closed')));
    return this.channel.call(name, step, () => {
      this.channel.broker.checkReady();
      return act();
    });
  }
}
