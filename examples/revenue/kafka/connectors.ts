// The repository does not install the Kafka client with the rest; a program of its own imports '@millrace/kafka'.
import { kafka } from '../../../packages/kafka/src/index.ts';
import { Order, type OrderLine } from '../order.ts';
import { revenueLine, type RevenueRow } from '../revenue-row.ts';
import { topicsOf, type KafkaJobOptions } from './options.ts';

/** They keep what is written to them: a job that is run again reads its input from the beginning. */
const FOREVER = { 'retention.ms': '-1' };
/** A letter is larger than its record, which may be as large as topics take by default. */
const LETTERS = { ...FOREVER, 'max.message.bytes': '10000000' };

/** Makes the topics that are missing; the input is the first of those returned. */
export function makeTopics(options: KafkaJobOptions): ReturnType<typeof kafka.ensureTopics> {
  const { bootstrap, partitions } = options;
  const { deadLetters, ...others } = topicsOf(options);
  return kafka.ensureTopics({ bootstrap }, [
    ...Object.values(others).map((name) => ({ name, partitions, config: FOREVER })),
    // Few, and wanted in their order.
    { name: deadLetters, partitions: 1, config: LETTERS },
  ]);
}

/** Source and sinks of the job on Kafka. */
export function kafkaConnectors(options: KafkaJobOptions) {
  const topics = topicsOf(options);
  const deadLetters = kafka.deadLetters({ of: [topics.input] });
  return {
    orders: kafka.topic(topics.input, {
      schema: Order,
      project: (order, { value, key }): OrderLine => ({ order, line: value ?? '', key }),
      onError: deadLetters,
      ...(options.bounded ? { until: 'end' as const } : {}),
    }),
    results: kafka.sink<RevenueRow>(topics.results, { key: ({ category }) => category, format: RESULT }),
    late: kafka.sink<OrderLine>(topics.late, { key: ({ key }) => key ?? null, format: LINE }),
  };
}

const encoder = new TextEncoder();

const notRead = (): never => {
  throw new Error('results are only written');
};

const RESULT = { name: 'revenue', encode: (row: RevenueRow) => encoder.encode(revenueLine(row)), decode: notRead };

const LINE = {
  name: 'line',
  encode: ({ line }: OrderLine) => (typeof line === 'string' ? encoder.encode(line) : line),
  decode: notRead,
};
