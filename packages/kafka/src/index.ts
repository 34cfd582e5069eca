import { consumer } from './consumer/consumer.ts';
import { debezium } from './formats/debezium.ts';
import { bytes, json, string } from './formats/format.ts';
import { producer } from './producer/producer.ts';
import { letters, letterTopics } from './letters/letters.ts';
import { ensureTopics } from './session/ensure-topics.ts';
import { solo } from './session/solo.ts';
import { deadLetters } from './sink/dead-letters.ts';
import { javaPartition } from './sink/java-partitioner.ts';
import { sink } from './sink/sink.ts';
import { topic } from './source/topic.ts';

/** Everything a program needs of Kafka. */
export const kafka = {
  topic,
  sink,
  solo,
  consumer,
  deadLetters,
  producer,
  letters,
  letterTopics,
  ensureTopics,
  partitionOf: javaPartition,
  json,
  string,
  bytes,
  debezium,
} as const;

export type { ConsumedRecord, ConsumerHandler } from './consumer/consumed-record.ts';
export type { Backoff, ConsumerLetterOptions, ConsumerOptions } from './consumer/consumer-options.ts';
export type { KafkaConsumer, PartitionLag } from './consumer/kafka-consumer.ts';
export type { DebeziumOptions } from './formats/debezium.ts';
export type { DebeziumChange, DebeziumEnvelope } from './formats/debezium-change.ts';
export type { DebeziumSource } from './formats/debezium-source.ts';
export type { Format } from './formats/format.ts';
export type {
  AdminDriver,
  ClientSettings,
  ConsumerDriver,
  ConsumerEvents,
  Fetched,
  FetchedRecords,
  GivenUpRecord,
  GroupOffset,
  KafkaDriver,
  MemberDriver,
  MemberEvents,
  NewTopic,
  OffsetQuery,
  OutgoingRecord,
  PartitionOffset,
  ProducerDriver,
  ProducerEvents,
  TopicDescription,
  TopicPartition,
  TopicSettings,
} from './driver/driver.ts';
export { confluentDriver } from './confluent/confluent-driver.ts';
export type {
  Delivered,
  KafkaProducer,
  ProducerOptions,
  ProducerQueue,
  ProducerRecord,
  ProducerTopic,
  ProducerTransaction,
} from './producer/producer-types.ts';
export type { Letter } from './letters/letter.ts';
export type { DropOptions, Letters, LettersOptions, RetryOptions } from './letters/letters.ts';
export type { Mark } from './letters/mark.ts';
export type { MarkingOptions, MarkingResult } from './letters/marking.ts';
export type { NeededTopic } from './session/ensure-topics.ts';
export type { SoloOptions } from './session/solo.ts';
export type { ConnectionOptions } from './settings/connection.ts';
export type { KafkaSecurity, OAuthToken, SaslOptions, TlsOptions } from './settings/security.ts';
export type { DeadLetterOptions } from './sink/dead-letters.ts';
export type { KafkaSinkOptions } from './sink/sink.ts';
export type { Start, Until } from './source/start-offsets.ts';
export type { TopicOptions } from './source/topic.ts';
export { topics, type TopicDesign, type TopicReport, type TopicSet } from './topics/topics.ts';
export type {
  CdcTopicOptions,
  CommandTopicOptions,
  DeadLetterTopicOptions,
  DefinedTopic,
  DesignedTopic,
  EventTopicOptions,
  KeyField,
  MetricsTopicOptions,
  TopicKey,
  DesignOptions,
  TopicValues,
} from './topics/defined-topic.ts';
export type { TopicDifference } from './topics/differences.ts';
export type { TopicKind, TopicNames } from './topics/kinds.ts';
export type { PlannedTopic, TopicPlan } from './topics/topic-plan.ts';
