import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { expect, it, onTestFinished } from 'vitest';
import { redisStore, type RedisClient } from '../../src/index.ts';
import { gate, redisUrl, uniqueName, withRedis } from './setup/fixture.ts';

const HOUR = 3_600_000;
const nothing = () => Promise.resolve();
const uniquePrefix = (what: string) => `${uniqueName(what)}:`;

function ioredis(): Redis {
  const client = new Redis(redisUrl);
  onTestFinished(() => client.disconnect());
  return client;
}

async function nodeRedis(): Promise<RedisClient> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

withRedis('redisStore', () => {
  it.each<[string, () => RedisClient | Promise<RedisClient>]>([
    ['ioredis', ioredis],
    ['redis', nodeRedis],
  ])('acts once for each id, with a client of %s, and again after a failure', async (_, client) => {
    const store = redisStore(await client(), { prefix: uniquePrefix('once') });
    await expect(store.once('a', HOUR, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect([await store.once('a', HOUR, nothing), await store.once('a', HOUR, nothing)]).toEqual([true, false]);
  });

  it('acts once for each of many ids that many calls of two processes have at once', async () => {
    const prefix = uniquePrefix('many');
    const stores = [redisStore(ioredis(), { prefix }), redisStore(await nodeRedis(), { prefix })] as const;
    const acted: string[] = [];
    const running = new Set<string>();
    const calls = Array.from({ length: 200 }, (_, i) => {
      const id = `id ${i % 20}`;
      return stores[i % 2 === 0 ? 0 : 1].once(id, HOUR, async () => {
        expect(running.has(id)).toBe(false);
        running.add(id);
        await new Promise((resolve) => setImmediate(resolve));
        running.delete(id);
        acted.push(id);
      });
    });
    expect((await Promise.all(calls)).filter(Boolean).length).toBe(20);
    expect(new Set(acted).size).toBe(20);
  });

  it('renews its lease while the handler runs', async () => {
    const client = ioredis();
    const prefix = uniquePrefix('long');
    const [begun, end] = [gate(), gate()];
    const first = redisStore(client, { prefix, lease: '300ms' }).once('a', HOUR, async () => {
      begun.open();
      await end.opened;
    });
    await begun.opened;
    let acted = false;
    const second = redisStore(client, { prefix, lease: '300ms' }).once('a', HOUR, async () => void (acted = true));
    // Renewed again and again: the lease has grown longer than it was shortly before.
    let [last, renewals] = [Infinity, 0];
    await expect
      .poll(async () => {
        const left = await client.pttl(`${prefix}a`);
        if (left > last) renewals++;
        last = left;
        return renewals;
      })
      .toBeGreaterThan(5);
    expect(acted).toBe(false);
    end.open();
    expect([await first, await second]).toEqual([true, false]);
  });

  it('does a record of a process that has died once its lease is over', async () => {
    const client = ioredis();
    const prefix = uniquePrefix('died');
    // What is left of it.
    await client.set(`${prefix}a`, 'token of the dead', 'PX', 300);
    expect(await redisStore(client, { prefix }).once('a', HOUR, nothing)).toBe(true);
  });

  it('gives up waiting after `wait`, and says so', async () => {
    const client = ioredis();
    const prefix = uniquePrefix('waiting');
    await client.set(`${prefix}a`, 'token of another', 'PX', HOUR);
    const error = {
      code: 'IO_FAILED',
      retryable: true,
      message: expect.stringContaining('under way in another process') as string,
    };
    await expect(redisStore(client, { prefix, wait: '100ms' }).once('a', HOUR, nothing)).rejects.toMatchObject(error);
  });

  it('remembers for ttl, and does not release the lease of another', async () => {
    const client = ioredis();
    const prefix = uniquePrefix('ttl');
    const store = redisStore(client, { prefix });
    await store.once('a', 60_000, nothing);
    const left = await client.pttl(`${prefix}a`);
    expect(left > 0 && left <= 60_000).toBe(true);
    const taken = store.once('b', HOUR, async () => {
      await client.set(`${prefix}b`, 'token of another', 'PX', HOUR);
      throw new Error('down');
    });
    await expect(taken).rejects.toThrow('down');
    expect(await client.get(`${prefix}b`)).toBe('token of another');
  });

  it('keeps ids of different prefixes apart, whatever characters they have', async () => {
    const client = ioredis();
    const prefix = uniquePrefix('apart');
    const ids = ['eu:1', '1', '%3A1', 'ä b', '\u{1f600}'];
    for (const scope of [prefix, `${prefix}eu:`])
      for (const id of ids) {
        const store = redisStore(client, { prefix: scope });
        expect([scope, id, await store.once(id, HOUR, nothing), await store.once(id, HOUR, nothing)]).toEqual([
          ...[scope, id, true, false],
        ]);
      }
  });

  it('knows its own lease when the client has asked for it twice, as after a connection that broke', async () => {
    const client = ioredis();
    const twice = {
      async call(name: string, ...args: string[]): Promise<unknown> {
        if (name === 'SET' && args[2] === 'NX') await client.call(name, ...args);
        return client.call(name, ...args);
      },
    };
    const store = redisStore(twice, { prefix: uniquePrefix('twice'), wait: '1s' });
    expect(await store.once('a', HOUR, nothing)).toBe(true);
  });

  it('keeps its lease until Redis knows that the record is done', async () => {
    const client = ioredis();
    const prefix = uniquePrefix('slow');
    const [asked, answer] = [gate(), gate()];
    const slow = {
      async call(name: string, ...args: string[]): Promise<unknown> {
        if (name === 'SET' && args[1] === 'done') {
          asked.open();
          await answer.opened;
        }
        return client.call(name, ...args);
      },
    };
    const first = redisStore(slow, { prefix, lease: '300ms' }).once('a', HOUR, nothing);
    await asked.opened;
    let acted = false;
    const second = redisStore(client, { prefix }).once('a', HOUR, async () => void (acted = true));
    // Longer than the lease.
    const [from, to] = [await client.time(), async () => Number((await client.time())[0])];
    await expect.poll(async () => (await to()) - Number(from[0]), { timeout: 30_000 }).toBeGreaterThan(1);
    answer.open();
    expect([await first, await second, acted]).toEqual([true, false, false]);
  });

  it('says which command has failed when Redis is gone', async () => {
    const client = new Redis({ port: 1, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on('error', () => undefined);
    const error = {
      code: 'IO_FAILED',
      retryable: true,
      message: expect.stringContaining('redisStore(): SET failed') as string,
    };
    await expect(redisStore(client).once('a', HOUR, nothing)).rejects.toMatchObject(error);
  });
});
