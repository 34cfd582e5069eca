import { bytes, json, string } from './formats/format.ts';
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
  deadLetters,
  ensureTopics,
  partitionOf: javaPartition,
  json,
  string,
  bytes,
} as const;

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
} from './driver/driver.ts';
export { confluentDriver } from './confluent/confluent-driver.ts';
export type { NeededTopic } from './session/ensure-topics.ts';
export type { SoloOptions } from './session/solo.ts';
export type { ConnectionOptions } from './settings/connection.ts';
export type { KafkaSecurity, OAuthToken, SaslOptions, TlsOptions } from './settings/security.ts';
export type { DeadLetterOptions } from './sink/dead-letters.ts';
export type { KafkaSinkOptions } from './sink/sink.ts';
export type { Start, Until } from './source/start-offsets.ts';
export type { TopicOptions } from './source/topic.ts';
