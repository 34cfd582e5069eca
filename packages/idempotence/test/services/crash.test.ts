/** A process that is killed between any two steps, and a successor that is given the same records again. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import type { WorkerProgram } from './programs/worker.ts';
import { postgresUrl, redisUrl, uniqueName, withPostgres, withRedis } from './setup/fixture.ts';

const PROGRAM = fileURLToPath(new URL('programs/worker.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** How a worker has ended: the signal that has killed it, or its exit code. */
function run(program: WorkerProgram): Promise<NodeJS.Signals | number | null> {
  const args = ['--conditions=millrace-source', '--import', TSX, PROGRAM, JSON.stringify(program)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
}

const ids = ['a', 'b', 'c'];

async function killedAndRepeated(program: Omit<WorkerProgram, 'ids' | 'crash'>, step: string): Promise<void> {
  expect(await run({ ...program, ids, crash: { step, id: 'b' } }), `killed at '${step}'`).toBe('SIGKILL');
  expect(await run({ ...program, ids })).toBe(0);
}

withPostgres('postgresStore, killed', () => {
  it.each(['connected', 'begun', 'inserted', 'first effect', 'second effect', 'committed', 'handled'])(
    'at %s: everything is done exactly once',
    async (step) => {
      const pool = new Pool({ connectionString: postgresUrl });
      onTestFinished(() => pool.end());
      const scope = uniqueName('crash');
      await pool.query('CREATE TABLE IF NOT EXISTS ledger (scope text, id text)');
      await pool.query('CREATE TABLE IF NOT EXISTS balances (scope text, balance int)');
      await pool.query('INSERT INTO balances VALUES ($1, 0)', [scope]);
      await killedAndRepeated({ store: 'postgres', url: postgresUrl, scope }, step);
      const { rows } = await pool.query('SELECT id FROM ledger WHERE scope = $1 ORDER BY id', [scope]);
      expect(rows).toEqual(ids.map((id) => ({ id })));
      expect((await pool.query('SELECT balance FROM balances WHERE scope = $1', [scope])).rows).toEqual([
        { balance: 3 },
      ]);
    },
  );
});

withRedis('redisStore, killed', () => {
  it.each([
    ['taken', 1],
    // The window: Redis does not know yet.
    ['effect', 2],
    ['done', 1],
    ['handled', 1],
  ])('at %s: nothing is lost, and the record at hand is done %i times', async (step, times) => {
    const client = new Redis(redisUrl);
    onTestFinished(() => client.disconnect());
    const scope = uniqueName('crash');
    await killedAndRepeated({ store: 'redis', url: redisUrl, scope }, step);
    expect(await client.hgetall(`${scope}:effects`)).toEqual({ a: '1', b: String(times), c: '1' });
  });
});
