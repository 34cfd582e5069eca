import type { ClientSettings, KafkaDriver } from '../driver/driver.ts';
import type { Broker } from './broker.ts';
import { Channel } from './channel.ts';
import type { ClientHost } from './client-host.ts';
import { ModelAdmin } from './model-admin.ts';
import { ModelConsumer } from './model-consumer.ts';
import { ModelMember } from './model-member.ts';
import { ModelProducer } from './model-producer.ts';

/** How small the model's clients are. */
export interface ClientLimits {
  /** Records that a producer holds for the broker. Default: what the settings say (`queue.buffering.max.messages`). */
  readonly queueRecords?: number;
  /** Records of one partition in one answer of the broker, at most. Default 500. */
  readonly answerRecords?: () => number;
}

/** The driver of one process; settings have librdkafka's names and defaults. */
export function modelDriver(broker: Broker, host: ClientHost, limits: ClientLimits): KafkaDriver {
  const channel = new Channel(broker, host);
  return {
    name: 'model',
    admin: () => Promise.resolve(new ModelAdmin(channel)),
    consumer: (_settings, events) =>
      channel.call('connecting the consumer', undefined, () => {
        return new ModelConsumer(channel, events, limits.answerRecords ?? (() => 500));
      }),
    producer: (settings, events) =>
      channel.call('connecting the producer', 'producer connected', () => {
        const queueRecords = limits.queueRecords ?? numberOf(settings, 'queue.buffering.max.messages', 100_000);
        const own = {
          transactionalId: textOf(settings, 'transactional.id'),
          transactionTimeoutMs: numberOf(settings, 'transaction.timeout.ms', 60_000),
          lingerMs: numberOf(settings, 'linger.ms', 5),
          batchBytes: numberOf(settings, 'batch.size', 1_000_000),
          recordBytesMax: numberOf(settings, 'message.max.bytes', 1_000_000),
          patient: Number(settings['message.timeout.ms']) === 0,
          gapless: settings['enable.gapless.guarantee'] === true,
          queueRecords,
        };
        return new ModelProducer(channel, own, events);
      }),
    async member(settings, topics, events) {
      const own = {
        group: textOf(settings, 'group.id') ?? '',
        instance: textOf(settings, 'group.instance.id'),
        topics,
        sessionMs: numberOf(settings, 'session.timeout.ms', 45_000),
        heartbeatMs: numberOf(settings, 'heartbeat.interval.ms', 3_000),
        rebalanceMs: numberOf(settings, 'max.poll.interval.ms', 300_000),
      };
      const member = new ModelMember(channel, own, events);
      await member.open();
      return member;
    },
  };
}

function numberOf(settings: ClientSettings, name: string, otherwise: number): number {
  const value = settings[name];
  return value === undefined ? otherwise : Number(value);
}

function textOf(settings: ClientSettings, name: string): string | undefined {
  const value = settings[name];
  return value === undefined ? undefined : String(value);
}
