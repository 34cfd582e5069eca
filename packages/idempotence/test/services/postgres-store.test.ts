import { Pool, type PoolClient } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresStore, processedOnce } from '../../src/index.ts';
import { gate, postgresUrl, uniqueName, withPostgres } from './setup/fixture.ts';

const HOUR = 3_600_000;

withPostgres('postgresStore', () => {
  let pool: Pool;

  beforeAll(async () => {
    pool = new Pool({ connectionString: postgresUrl, max: 20 });
    await pool.query('CREATE TABLE effects (name text NOT NULL, note text NOT NULL)');
  });

  afterAll(() => pool.end());

  const effectsOf = async (name: string): Promise<number> => {
    const { rows } = await pool.query('SELECT count(*)::int AS n FROM effects WHERE name = $1', [name]);
    return (rows[0] as { readonly n: number }).n;
  };

  const write = (tx: PoolClient, name: string) => tx.query('INSERT INTO effects VALUES ($1, $2)', [name, 'written']);

  it('commits the id and what the handler does together, once', async () => {
    const name = uniqueName('once');
    const store = postgresStore<PoolClient>(pool, { scope: name });
    const handle = processedOnce({ id: (id: string) => id, store })(async (id, { tx }) => void (await write(tx, id)));
    for (let i = 0; i < 3; i++) await handle(name);
    expect(await effectsOf(name)).toBe(1);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  it('keeps neither the id nor the effects of a handler that fails', async () => {
    const name = uniqueName('failed');
    const store = postgresStore<PoolClient>(pool);
    const failing = store.once(name, HOUR, async ({ tx }) => {
      await write(tx, name);
      throw new Error('down');
    });
    await expect(failing).rejects.toThrow('down');
    expect(await effectsOf(name)).toBe(0);
    expect(await store.once(name, HOUR, async ({ tx }) => void (await write(tx, name)))).toBe(true);
    expect(await effectsOf(name)).toBe(1);
  });

  it('does not take for done what a handler that swallows an error has made impossible to commit', async () => {
    const name = uniqueName('swallowed');
    const store = postgresStore<PoolClient>(pool);
    const swallowing = store.once(name, HOUR, async ({ tx }) => {
      await write(tx, name);
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(swallowing).rejects.toMatchObject({ code: 'JOB_STATE' });
    expect(await effectsOf(name)).toBe(0);
    expect(await store.once(name, HOUR, () => Promise.resolve())).toBe(true);
  });

  it.each(['ROLLBACK', 'COMMIT', 'ROLLBACK; BEGIN', 'COMMIT; BEGIN'])(
    'does not take for done what a handler has ended itself with %s',
    async (statement) => {
      const name = uniqueName('ended');
      const store = postgresStore<PoolClient>(pool);
      const ending = store.once(name, HOUR, async ({ tx }) => {
        await write(tx, name);
        await tx.query(statement);
      });
      await expect(ending).rejects.toMatchObject({
        code: 'JOB_STATE',
        message: expect.stringContaining('has ended the transaction') as string,
      });
      // Nothing was kept, or both.
      const kept = statement.startsWith('COMMIT');
      expect(await effectsOf(name)).toBe(kept ? 1 : 0);
      expect(await store.once(name, HOUR, () => Promise.resolve())).toBe(!kept);
      const open = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
      await expect.poll(async () => (await pool.query(open)).rows).toEqual([{ n: 0 }]);
    },
  );

  it('in a database whose transactions are serializable: a conflict is an error to try again, and the effect is there once', async () => {
    const name = uniqueName('serializable');
    const strict = new Pool({
      connectionString: postgresUrl,
      options: '-c default_transaction_isolation=serializable',
    });
    try {
      const store = postgresStore<PoolClient>(strict, { scope: name });
      const act = () => store.once('a', HOUR, async ({ tx }) => void (await write(tx, name)));
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, act));
      for (const one of outcomes)
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'IO_FAILED', retryable: true });
      await act();
      expect(await effectsOf(name)).toBe(1);
    } finally {
      await strict.end();
    }
  });

  it('takes ids and scopes as long as they may be, whatever they are made of', async () => {
    const scope = '\u20ac'.repeat(200);
    for (const id of ['\u20ac'.repeat(500), "'; DROP TABLE effects; --", '\\', '%', '$1', ' ']) {
      const store = postgresStore(pool, { scope });
      const nothing = () => Promise.resolve();
      expect([id, await store.once(id, HOUR, nothing), await store.once(id, HOUR, nothing)]).toEqual([id, true, false]);
    }
  });

  it.each([true, false])('of two at once the second waits; the first commits: %s', async (commits) => {
    const name = uniqueName('two');
    // Two processes have two pools.
    const other = new Pool({ connectionString: postgresUrl });
    try {
      const [begun, end] = [gate(), gate()];
      const first = postgresStore<PoolClient>(pool).once(name, HOUR, async ({ tx }) => {
        await write(tx, name);
        begun.open();
        await end.opened;
        if (!commits) throw new Error('down');
      });
      await begun.opened;
      let acted = false;
      const second = postgresStore<PoolClient>(other).once(name, HOUR, async ({ tx }) => {
        acted = true;
        await write(tx, name);
      });
      const waits =
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO millrace_processed%'";
      await expect.poll(async () => (await pool.query(waits)).rows).toEqual([{ n: 1 }]);
      expect(acted).toBe(false);
      end.open();
      await (commits ? expect(first).resolves.toBe(true) : expect(first).rejects.toThrow('down'));
      expect(await second).toBe(!commits);
      expect(await effectsOf(name)).toBe(1);
    } finally {
      await other.end();
    }
  });

  it('acts once for each of many ids that many calls have at once', async () => {
    const name = uniqueName('many');
    const store = postgresStore<PoolClient>(pool, { scope: name });
    const calls = Array.from({ length: 200 }, (_, i) =>
      store.once(`id ${i % 20}`, HOUR, async ({ tx }) => void (await write(tx, name))),
    );
    const acted = (await Promise.all(calls)).filter(Boolean);
    expect(acted.length).toBe(20);
    expect(await effectsOf(name)).toBe(20);
  });

  it('keeps scopes apart', async () => {
    const id = uniqueName('scoped');
    const nothing = () => Promise.resolve();
    expect(await postgresStore(pool, { scope: 'a' }).once(id, HOUR, nothing)).toBe(true);
    expect(await postgresStore(pool, { scope: 'b' }).once(id, HOUR, nothing)).toBe(true);
    expect(await postgresStore(pool, { scope: 'a' }).once(id, HOUR, nothing)).toBe(false);
  });

  it('acts again on an id whose time is over, and deletes such ids', async () => {
    const table = uniqueName('expiring');
    const store = postgresStore(pool, { table });
    const nothing = () => Promise.resolve();
    await store.once('kept', HOUR, nothing);
    // The clean-up that begins with the first record is over before there is anything to delete.
    await new Promise((resolve) => setImmediate(resolve));
    await expect.poll(() => pool.idleCount === pool.totalCount).toBe(true);
    expect(await store.once('a', 1, nothing)).toBe(true);
    await expect.poll(() => store.once('a', 1, nothing)).toBe(true);
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.once(`short ${i}`, 1, nothing)));
    await store.once('kept', HOUR, nothing);
    // Those that expire while this runs count, too.
    let deleted = 0;
    await expect.poll(async () => (deleted += await store.cleanUp())).toBe(51);
    expect((await pool.query(`SELECT id FROM ${table}`)).rows).toEqual([{ id: 'kept' }]);
  });

  it('deletes expired ids by itself', async () => {
    const table = uniqueName('cleaned');
    const store = postgresStore(pool, { table, cleanUpInterval: '1ms' });
    await store.once('a', 1, () => Promise.resolve());
    await expect
      .poll(async () => {
        await store.once(uniqueName('other'), HOUR, () => Promise.resolve());
        return (await pool.query(`SELECT id FROM ${table} WHERE id = 'a'`)).rowCount;
      })
      .toBe(0);
  });

  it('deletes expired ids also where no process lives for as long as cleanUpInterval', async () => {
    const table = uniqueName('short_lived');
    await postgresStore(pool, { table }).once('a', 1, () => Promise.resolve());
    const there = async () => (await pool.query(`SELECT id FROM ${table} WHERE id = 'a'`)).rowCount;
    // One process after the other, each with a record.
    await expect
      .poll(async () => {
        await postgresStore(pool, { table }).once(uniqueName('other'), HOUR, () => Promise.resolve());
        return there();
      })
      .toBe(0);
  });

  it('makes its table once, whoever comes at the same time', async () => {
    const table = uniqueName('made');
    const stores = Array.from({ length: 10 }, () => postgresStore(pool, { table }));
    const acted = await Promise.all(stores.map((store, i) => store.once(String(i), HOUR, () => Promise.resolve())));
    expect(acted).toEqual(stores.map(() => true));
  });

  it('says what to do where there is no table, and it must not make one', async () => {
    const store = postgresStore(pool, { table: 'nowhere', createTable: false });
    const error = {
      code: 'IO_NOT_FOUND',
      message: expect.stringContaining('CREATE TABLE IF NOT EXISTS nowhere') as string,
    };
    await expect(store.once('a', HOUR, () => Promise.resolve())).rejects.toMatchObject(error);
  });

  it('survives a connection that breaks while the handler runs: nothing is kept, and the next call works', async () => {
    const name = uniqueName('broken');
    const store = postgresStore<PoolClient>(pool);
    const broken = store.once(name, HOUR, async ({ tx }) => {
      await write(tx, name);
      const { rows } = await tx.query('SELECT pg_backend_pid() AS pid');
      await pool.query('SELECT pg_terminate_backend($1)', [(rows[0] as { readonly pid: number }).pid]);
    });
    await expect(broken).rejects.toMatchObject({ code: 'IO_FAILED', retryable: true });
    expect(await effectsOf(name)).toBe(0);
    expect(await store.once(name, HOUR, async ({ tx }) => void (await write(tx, name)))).toBe(true);
    expect(await effectsOf(name)).toBe(1);
  });

  it('says that the database cannot be reached', async () => {
    const nowhere = new Pool({ connectionString: 'postgres://millrace@127.0.0.1:1/postgres' });
    const error = {
      code: 'IO_FAILED',
      retryable: true,
      message: expect.stringContaining('postgresStore(): connecting failed') as string,
    };
    await expect(postgresStore(nowhere).once('a', HOUR, () => Promise.resolve())).rejects.toMatchObject(error);
    await nowhere.end();
  });
});
