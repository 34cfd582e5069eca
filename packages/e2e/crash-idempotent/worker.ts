/**
 * A consumer of payments that books each once, and kills itself at a step. Says `ready` when it has joined its group, and ends when it
 * has nothing left to do.
 */
import { Pool } from 'pg';
import { silentLogger } from 'millrace';
import { postgresStore, processedOnce, type PgClient, type PgPool } from '@millrace/idempotence';
import { confluentDriver, kafka, type ConsumedRecord, type KafkaDriver } from '../../kafka/src/index.ts';
import type { Payment, Step, WorkerProgram } from './program.ts';

const { bootstrap, topic, postgres, crash } = JSON.parse(process.argv[2] ?? '{}') as WorkerProgram;
let count = 0;

function reached(step: Step): void {
  if (step === crash?.step && ++count === crash.nth) process.kill(process.pid, 'SIGKILL');
}

function stepAfter(text: string): Step | undefined {
  if (text.startsWith('BEGIN; SAVEPOINT')) return 'begun';
  if (text.startsWith('RELEASE SAVEPOINT')) return 'committed';
  return text.startsWith('INSERT INTO millrace_processed') ? 'inserted' : undefined;
}

const driver: KafkaDriver = {
  ...confluentDriver,
  async consumer(settings, events) {
    const consumer = await confluentDriver.consumer(settings, events);
    const fetch = consumer.fetch.bind(consumer);
    consumer.fetch = async (maxRecords) => {
      const fetched = await fetch(maxRecords);
      if (fetched.records.length > 0) reached('fetched');
      return fetched;
    };
    return consumer;
  },
  async member(settings, topics, events) {
    const member = await confluentDriver.member(settings, topics, {
      assigned(partitions) {
        process.stdout.write('ready\n');
        events.assigned(partitions);
      },
      revoked: (partitions) => events.revoked(partitions),
      lost: (partitions) => events.lost(partitions),
    });
    const commit = member.commit.bind(member);
    member.commit = async (offsets) => {
      reached('committing offsets');
      await commit(offsets);
      reached('offsets committed');
    };
    return member;
  },
};

const pool = new Pool({ connectionString: postgres, max: 8 });
const observed: PgPool = {
  async connect() {
    const client = await pool.connect();
    reached('connected');
    const query: PgClient['query'] = async (text, values) => {
      if (text.startsWith('RELEASE SAVEPOINT')) reached('committing');
      const result = await client.query(text, values);
      const step = stepAfter(text);
      if (step !== undefined) reached(step);
      return result;
    };
    return Object.assign(Object.create(client) as PgClient, { query });
  },
};

const id = ({ value }: ConsumedRecord<Payment>): string => value?.id ?? '';
const once = processedOnce({ id, store: postgresStore(observed, { scope: topic }) });
const book = once(async ({ value }, { tx }) => {
  if (value === null) return;
  await tx.query('INSERT INTO ledger (id, cents) VALUES ($1, $2)', [value.id, value.cents]);
  reached('first effect');
  await tx.query('UPDATE accounts SET cents = cents + $1 WHERE id = $2', [value.cents, value.account]);
  reached('second effect');
});

const consumer = kafka.consumer<Payment>({
  bootstrap,
  driver,
  group: `bank.${topic}`,
  // Takes the place of its predecessor, whose session need not end first.
  instance: 'worker',
  topics: topic,
  concurrency: 4,
  commitInterval: '50ms',
  logger: silentLogger,
});
const ended = consumer.run(async (record) => {
  await book(record);
  reached('handled');
});
// Only a life that is not killed comes to an end by itself, when everything is done.
const timer = setInterval(() => {
  void consumer.lag().then((lags) => {
    if (lags.length === 0 || lags.some(({ lag }) => lag > 0)) return undefined;
    clearInterval(timer);
    return consumer.stop();
  });
}, 200);
await ended;
clearInterval(timer);
await pool.end();
