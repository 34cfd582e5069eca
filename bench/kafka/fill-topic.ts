import { confluentDriver, kafka } from '../../packages/kafka/src/index.ts';

/** Brokers delete by the records' timestamps, and those of a bench are old. */
export const FOREVER = { 'retention.ms': '-1' };

/** Writes `records` records to a new topic, by turns over its partitions. */
export async function fillTopic(
  bootstrap: string,
  topic: string,
  partitions: number,
  records: number,
  valueOf: (n: number) => unknown,
): Promise<void> {
  await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions, config: FOREVER }]);
  const settings = { 'bootstrap.servers': bootstrap, 'enable.idempotence': true, 'linger.ms': 20 };
  const failures: Error[] = [];
  const producer = await confluentDriver.producer(settings, { failed: (error) => failures.push(error) });
  for (let n = 0; n < records; n++) {
    const value = Buffer.from(JSON.stringify(valueOf(n)));
    const record = { topic, partition: n % partitions, key: null, value, timestamp: 1_000 + n, headers: [] };
    while (!producer.send(record)) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await producer.flush();
  if (failures[0] !== undefined) throw failures[0];
  await producer.close();
}
