import { confluentDriver } from '../../packages/kafka/src/index.ts';

/** What a topic holds for whoever reads committed records only. */
export interface CommittedRecords {
  readonly records: number;
  /** Different numbers among them. */
  readonly distinct: number;
}

/** Reads a topic to its end, up to what is still undecided, and takes a number from each record. */
export async function readCommitted(
  bootstrap: string,
  topic: string,
  partitions: number,
  numberOf: (text: string) => number,
): Promise<CommittedRecords> {
  const settings = {
    'bootstrap.servers': bootstrap,
    'group.id': `${topic}-counted`,
    'isolation.level': 'read_committed',
    'enable.auto.commit': false,
    'enable.partition.eof': true,
    'auto.offset.reset': 'error',
  };
  let wake = (): void => undefined;
  let failure: Error | undefined;
  const consumer = await confluentDriver.consumer(settings, {
    ready: () => wake(),
    failed: (error) => {
      failure = error;
      wake();
    },
  });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 })));
  const ended = new Set<number>();
  const numbers = new Set<number>();
  let count = 0;
  while (ended.size < partitions) {
    const more = new Promise<void>((resolve) => (wake = resolve));
    const { records, ends } = await consumer.fetch(1_000);
    if (failure !== undefined) throw failure;
    for (let i = 0; i < records.length; i++) numbers.add(numberOf(Buffer.from(records.value(i) ?? []).toString()));
    count += records.length;
    for (const { partition } of ends) ended.add(partition);
    if (records.length === 0 && ends.length === 0) await more;
  }
  await consumer.close();
  return { records: count, distinct: numbers.size };
}
