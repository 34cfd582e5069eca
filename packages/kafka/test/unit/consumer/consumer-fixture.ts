import { silentLogger } from 'millrace';
import { onTestFinished } from 'vitest';
import { kafka, type ConsumerHandler, type ConsumerOptions, type KafkaConsumer } from '../../../src/index.ts';
import { modelBroker, type ModelBroker } from '../../../src/testing.ts';

/** A cluster with a topic `orders`. */
export function cluster(partitions: number = 1): ModelBroker {
  const broker = modelBroker();
  broker.createTopic('orders', partitions);
  return broker;
}

type Options = Partial<ConsumerOptions<string, string>>;

export interface Started {
  readonly consumer: KafkaConsumer<string, string>;
  /** How `run` ends: `undefined`, or what it rejects with. */
  readonly ended: Promise<unknown>;
}

/** A consumer of text that is closed when the test is over. */
export function started(broker: ModelBroker, handler: ConsumerHandler<string, string>, options: Options = {}): Started {
  const consumer = kafka.consumer<string, string>({
    bootstrap: 'model:9092',
    driver: broker.driver,
    group: 'billing',
    topics: 'orders',
    format: kafka.string(),
    logger: silentLogger,
    commitInterval: '20ms',
    backoff: { min: '5ms', max: '20ms' },
    client: { 'heartbeat.interval.ms': 20 },
    ...options,
  });
  const ended = consumer.run(handler).then(
    () => undefined,
    (error: unknown) => error,
  );
  onTestFinished(() => consumer.close());
  return { consumer, ended };
}

/** Something that a test lets happen. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Offset that a group has committed for each partition of a topic. */
export function committed(broker: ModelBroker, group: string = 'billing'): Record<string, number> {
  return Object.fromEntries(broker.committed(group).map((one) => [`${one.topic}-${one.partition}`, one.offset]));
}
