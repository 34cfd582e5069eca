import { consumerSettings, type ConsumerOptions } from './consumer-options.ts';
import { GroupConsumer, type KafkaConsumer } from './kafka-consumer.ts';

/**
 * A consumer for code outside of dataflows: a member of a group that hands each record to a function, and commits it when the
 * function is done. Records of one key are handed over one after the other, of different keys up to `concurrency` at once; those
 * without key in no order. A record that fails is tried again, without holding up other keys, and becomes a dead letter after
 * `attempts`; one that cannot be decoded becomes one at once.
 *
 * With `'at-least-once'` a record may be processed again after a crash, or when a handler does not end in `drainTimeout`:
 * `processedOnce` of @millrace/idempotence takes care of those.
 *
 * @throws {MillraceError} `OPTION_INVALID` for wrong options
 * @example
 * const consumer = kafka.consumer({ bootstrap: 'localhost:9092', group: 'billing', topics: 'orders', schema: Order, concurrency: 16 });
 * process.once('SIGTERM', () => void consumer.stop());
 * await consumer.run(async ({ key, value, signal }) => {
 *   if (value !== null) await charge(key, value.amount, signal);
 * });
 */
export function consumer<T = unknown, K = string>(options: ConsumerOptions<T, K>): KafkaConsumer<T, K> {
  // The handler gets what the formats of these options make.
  return new GroupConsumer(consumerSettings(options)) as KafkaConsumer<T, K>;
}
