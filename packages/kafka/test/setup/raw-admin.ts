import { loadClient } from '../../src/confluent/load-client.ts';
import { bootstrap } from './fixture.ts';

type Done = (error: Error | null) => void;

/** What tests do to topics and jobs never do. */
interface RawAdmin {
  createPartitions(topic: string, total: number, timeoutMs: number, done: Done): void;
  deleteRecords(records: readonly object[], options: object, done: Done): void;
  disconnect(): void;
}

async function asked(act: (admin: RawAdmin, done: Done) => void): Promise<void> {
  // The client can do more than the connector asks of it.
  const admin = loadClient().RdKafka.AdminClient.create({ 'bootstrap.servers': bootstrap }, {}) as unknown as RawAdmin;
  try {
    await new Promise<void>((resolve, reject) =>
      act(admin, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(error);
      }),
    );
  } finally {
    admin.disconnect();
  }
}

export function addPartitions(topic: string, total: number): Promise<void> {
  return asked((admin, done) => admin.createPartitions(topic, total, 10_000, done));
}

/** Drops the records of partition 0 below an offset, as retention does. */
export function dropRecords(topic: string, below: number): Promise<void> {
  return asked((admin, done) =>
    admin.deleteRecords([{ topic, partition: 0, offset: below }], { timeout: 10_000 }, done),
  );
}
