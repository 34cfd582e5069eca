import { MillraceError } from 'millrace';
import type { KafkaDriver } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { ConfluentAdmin } from './confluent-admin.ts';
import { ConfluentConsumer } from './confluent-consumer.ts';
import { ConfluentMember } from './confluent-member.ts';
import { ConfluentProducer } from './confluent-producer.ts';
import { loadClient } from './load-client.ts';

/** @confluentinc/kafka-javascript, by its callback API. */
export const confluentDriver: KafkaDriver = {
  name: '@confluentinc/kafka-javascript',
  async admin(settings) {
    try {
      return await ConfluentAdmin.open(loadClient(), settings);
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      throw kafkaError('making a client', error, false);
    }
  },
  consumer: async (settings, events) => ConfluentConsumer.open(loadClient(), settings, events),
  producer: async (settings, events) => ConfluentProducer.open(loadClient(), settings, events),
  member: async (settings, topics, events) => ConfluentMember.open(loadClient(), settings, topics, events),
};
