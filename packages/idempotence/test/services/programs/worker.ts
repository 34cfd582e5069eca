/**
 * Handles ids one after the other, and kills itself at a step. The steps lie between all that the store and the handler say to the
 * server:
 *
 *   postgres   connected, begun, inserted, first effect, second effect, committed, handled
 *   redis      taken, effect, done, handled
 */
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { postgresStore, processedOnce, redisStore, type PgClient, type PgPool } from '../../../src/index.ts';

export interface WorkerProgram {
  readonly store: 'postgres' | 'redis';
  readonly url: string;
  /** Of the ids, and of the effects. */
  readonly scope: string;
  readonly ids: readonly string[];
  /** Where it dies. */
  readonly crash?: { readonly step: string; readonly id: string };
}

const program = JSON.parse(process.argv[2] ?? '') as WorkerProgram;
const { store, url, scope, ids, crash } = program;
let current = '';

function reached(step: string): void {
  if (step === crash?.step && current === crash.id) process.kill(process.pid, 'SIGKILL');
}

async function handleAll(handle: (id: string) => Promise<void>): Promise<void> {
  for (const id of ids) {
    current = id;
    await handle(id);
    reached('handled');
  }
}

function stepAfter(text: string): string {
  if (text.startsWith('BEGIN; SAVEPOINT')) return 'begun';
  if (text.startsWith('RELEASE SAVEPOINT')) return 'committed';
  return text.startsWith('INSERT INTO millrace_processed') ? 'inserted' : '';
}

async function onPostgres(): Promise<void> {
  const pool = new Pool({ connectionString: url });
  const observed: PgPool = {
    async connect() {
      const client = await pool.connect();
      if (current !== '') reached('connected');
      const query: PgClient['query'] = async (text, values) => {
        const result = await client.query(text, values);
        reached(stepAfter(text));
        return result;
      };
      return Object.assign(Object.create(client) as PgClient, { query });
    },
  };
  const once = processedOnce({ id: (id: string) => id, store: postgresStore(observed, { scope }) });
  await handleAll(
    once(async (id, { tx }) => {
      await tx.query('INSERT INTO ledger VALUES ($1, $2)', [scope, id]);
      reached('first effect');
      await tx.query('UPDATE balances SET balance = balance + 1 WHERE scope = $1', [scope]);
      reached('second effect');
    }),
  );
  await pool.end();
}

async function onRedis(): Promise<void> {
  const client = new Redis(url);
  const observed = {
    async call(name: string, ...args: string[]): Promise<unknown> {
      const result = await client.call(name, ...args);
      if (name === 'SET') reached(args[1] === 'done' ? 'done' : 'taken');
      return result;
    },
  };
  const store = redisStore(observed, { prefix: `${scope}:`, lease: '500ms' });
  const once = processedOnce({ id: (id: string) => id, store });
  await handleAll(
    once(async (id) => {
      await client.hincrby(`${scope}:effects`, id, 1);
      reached('effect');
    }),
  );
  client.disconnect();
}

await (store === 'postgres' ? onPostgres() : onRedis());
