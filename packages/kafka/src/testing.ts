export { KAFKA_STEPS, type ClientHost, type Fate, type KafkaStep } from './model-broker/client-host.ts';
export type { Refusal } from './model-broker/broker.ts';
export type { BrokerEvent } from './model-broker/broker-parts.ts';
export type { ClientLimits } from './model-broker/model-driver.ts';
export {
  modelBroker,
  type GivenRecord,
  type ModelBroker,
  type ModelBrokerOptions,
} from './model-broker/model-broker.ts';
export type { PlacedRecord } from './model-broker/partition-log.ts';
export { KAFKA_FAULTS, simulatedKafka, type SimulatedKafkaOptions } from './model-broker/simulated-kafka.ts';
