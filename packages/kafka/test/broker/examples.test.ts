/** Programs of packages/kafka/examples run by the command that README.md gives, on real servers, and do what they say. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { missingServer } from '../../../../scripts/services/missing-server.mjs';
import * as postgres from '../../../../scripts/services/postgres.mjs';
import * as redis from '../../../../scripts/services/redis.mjs';
import * as registry from '../../../../scripts/services/registry.mjs';
import { bootstrap, newFolder, readWithJava, uniqueName, withBroker } from '../setup/fixture.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');
const FOLDER = path.join(ROOT, 'packages/kafka/examples');
const NAMES = readdirSync(FOLDER).map((file) => file.replace('.ts', ''));

interface Ran {
  readonly said: string;
  readonly folder: string;
  readonly topic: string;
  /** Address of the other server that it needs. */
  readonly url: string;
}

const command = (args: readonly string[], env: object = {}) =>
  spawnSync(process.execPath, [path.join(ROOT, 'scripts/example.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });

const textOf = (name: string): string => readFileSync(path.join(FOLDER, `${name}.ts`), 'utf8');
const parsed = (topic: string): unknown[] => readWithJava(topic).map(({ value }) => JSON.parse(value) as unknown);
const linesOf = (text: string): string[] => text.split('\n');

/** Other servers, and where the examples look for them. */
const SERVERS = {
  postgres: { ...postgres, variable: 'DATABASE_URL' },
  redis: { ...redis, variable: 'REDIS_URL' },
  registry: { ...registry, variable: 'REGISTRY_URL' },
};

function serverOf(name: string) {
  const needs = /^ \* needs: (.*)$/m.exec(textOf(name))?.[1]?.split(', ') ?? [];
  expect(needs).toContain('kafka');
  const other = needs.find((need): need is keyof typeof SERVERS => need in SERVERS);
  return other === undefined ? undefined : SERVERS[other];
}

/** What each of them must have done, seen by others than itself. */
const CHECKS: Readonly<Record<string, (ran: Ran) => Promise<void> | void>> = {
  'event-pipeline'({ said, folder, topic }) {
    expect(said).toContain('clicks: 2001 in, 2000 out, 1 to the dead letters');
    const alerts = readWithJava('commands.alerting.raise').map(({ key, value }) => [key, JSON.parse(value) as unknown]);
    expect(alerts).toEqual([['bot', { user: 'bot', since: 0, clicks: 200 }]]);
    const clicks = (parsed('metrics.shop.clicks') as { clicks: number }[]).map((row) => row.clicks);
    expect(clicks.reduce((sum, n) => sum + n, 0)).toBe(2_000);
    const lake = readdirSync(path.join(folder, 'lake'), { withFileTypes: true, recursive: true });
    const lines = lake
      .filter((entry) => entry.isFile())
      .flatMap((entry) => linesOf(readFileSync(path.join(entry.parentPath, entry.name), 'utf8').trim()));
    expect(lines).toHaveLength(2_000);
    expect(readWithJava(`dlq.event-pipeline.${topic}`).map(({ value }) => value)).toEqual(['{"user":"nobody"}']);
  },

  'topic-design'({ said, topic }) {
    expect(said).toMatch(new RegExp(`create +${topic}\\n`));
    expect(said).toContain('captures: 3 in, 3 out');
    const captures = readWithJava('commands.payment.capture').map(({ key, value }) => [key, value]);
    expect(captures).toContainEqual(['o-2', '{"order_id":"o-2","cents":1251}']);
    expect(readWithJava(`dlq.topic-design.${topic}`)).toEqual([]);
  },

  producer({ said, topic }) {
    expect(said).toMatch(/order o-1 is at \d\/1\n0 events wait for the next start/);
    expect(readWithJava(topic).map(({ key, value, headers }) => [key, value, headers])).toEqual([
      ['o-1', '{"order_id":"o-1","amount":12.5}', ''],
      ['o-1', '{"order_id":"o-1","amount":13}', 'trace-id:4bf92f35'],
    ]);
  },

  consumer({ said, topic }) {
    for (let i = 0; i < 10; i++) expect(said).toContain(`account-${i}: ${450 + 10 * i} cents`);
    expect(said).toContain('tried again: 1;');
    expect(readWithJava(`dlq.billing-service.${topic}`).map(({ value }) => value)).toEqual(['{"id":"no payment"}']);
  },

  'exactly-once'({ said, topic }) {
    expect(said.match(/has ended: .*/g)).toEqual(
      ['SIGKILL', 'SIGKILL', 'exit code 0'].map((how) => `has ended: ${how}`),
    );
    expect(said).toContain('10000 results of 10000 items');
    const ids = readWithJava(`${topic}.counted`).map(({ key }) => key);
    expect([ids.length, new Set(ids).size]).toEqual([10_000, 10_000]);
  },

  async 'idempotent-consumer'({ said, url }) {
    expect(said).toContain('account-9: 1000 cents');
    const pool = new Pool({ connectionString: url });
    const { rows } = await pool.query('SELECT count(*)::int AS n, min(cents)::int, max(cents)::int FROM accounts');
    expect(rows).toEqual([{ n: 10, min: 1_000, max: 1_000 }]);
    await pool.end();
  },

  async 'idempotent-consumer-redis'({ said, url }) {
    expect(said).toContain('50 mails sent');
    const client = new Redis(url);
    expect(await client.keys('mails:*')).toHaveLength(50);
    await client.quit();
  },

  windows({ said, topic }) {
    expect(said).toContain('1 too late');
    const means = parsed(`${topic}.means`) as { sensor: string; from: number; mean: number; readings: number }[];
    expect(means).toHaveLength(28);
    const start = Date.parse('2026-01-05T08:00:00Z');
    // Of the first minute s-2 has the seconds 2, 5, ..., 59: the mean of 20.2, 20.5, ..., 25.9.
    const first = means.find(({ sensor, from }) => sensor === 's-2' && from === start);
    expect(first?.mean).toBeCloseTo(23.05, 9);
    expect(means.reduce((sum, { readings }) => sum + readings, 0)).toBe(560);
    const activity = parsed(`${topic}.activity`) as { sensor: string; readings: number }[];
    const ofSilent = activity.filter(({ sensor }) => sensor === 's-1').map(({ readings }) => readings);
    expect([activity.length, ...ofSilent]).toEqual([4, 60, 100]);
    expect(parsed(`late.${topic}`)).toEqual([{ sensor: 's-0', celsius: 99, time: start }]);
  },

  'anti-patterns'({ said }) {
    const guards = said.match(/^guard [\w-]+/gm);
    expect([...new Set(guards)].sort()).toEqual(
      ['json-without-schema', 'no-dead-letters', 'single-partition-input', 'unbounded-state'].map(
        (id) => `guard ${id}`,
      ),
    );
    expect(said).toMatch(/refused: The job is refused[^]*accepted/);
  },

  async schemas({ said, topic, url }) {
    expect(said).toContain("old readers: [ { order_id: 'o-1', amount: 1250 }, { order_id: 'o-2', amount: 990 } ]");
    expect(said).toContain(`refused: the schema is refused for subject '${topic}-value'`);
    expect(said).toContain("delete { id: 1, email: 'b@example.com', credit: 1230 } undefined");
    const versions = await fetch(`${url}/subjects/${topic}-value/versions`);
    expect(await versions.json()).toEqual([1, 2]);
    expect(readWithJava(topic)).toHaveLength(2);
  },
};

/** Names of topics follow a pattern. */
const topicOf = (name: string): string => uniqueName(name === 'topic-design' ? 'shop.order.placed' : `in.${name}`);

withBroker('examples', () => {
  for (const name of NAMES) {
    const server = serverOf(name);
    const missing = missingServer(`example ${name}`, server?.missing() ?? '');
    it.skipIf(missing !== '')(`${name} ${missing}`, async () => {
      const check = CHECKS[name];
      if (check === undefined) throw new Error(`nothing here says what ${name} must do`);
      const [topic, folder] = [topicOf(name), newFolder()];
      const started = await server?.start();
      try {
        const env = {
          KAFKA_BOOTSTRAP: bootstrap,
          EXAMPLE_FOLDER: folder,
          TOPIC: topic,
          OUTPUT_TOPIC: `${topic}.counted`,
        };
        const address = server === undefined ? {} : { [server.variable]: started?.url };
        const { status, stdout, stderr } = command([name], { ...env, ...address });
        expect(status, `${stdout}${stderr}`).toBe(0);
        await check({ said: stdout, folder, topic, url: started?.url ?? '' });
      } finally {
        await started?.stop();
      }
    });
  }

  it('they run again on the same topics, with what their jobs remember, and on another topic', () => {
    const [folder, first, second] = [newFolder(), topicOf('windows'), topicOf('windows')];
    for (const topic of [first, first, second]) {
      const { status, stdout, stderr } = command(['windows'], {
        KAFKA_BOOTSTRAP: bootstrap,
        EXAMPLE_FOLDER: folder,
        TOPIC: topic,
      });
      expect(status, `${stdout}${stderr}`).toBe(0);
      expect(stdout).toContain('means: 28 in, 28 out');
    }
    expect(readWithJava(`${first}.means`)).toHaveLength(2 * 28);
    expect(readWithJava(`${second}.means`)).toHaveLength(28);
  });
});

it('without a name they are listed; a name that there is none of is told', () => {
  const list = command([]);
  expect(list.status).toBe(0);
  for (const name of NAMES) {
    const [, title = ''] = /^ \* (.*)$/m.exec(textOf(name)) ?? [];
    expect(linesOf(list.stdout).some((line) => line.startsWith(`  ${name} `) && line.endsWith(title))).toBe(true);
  }
  const wrong = command(['produser']);
  expect([wrong.status, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/no example "produser"; there are .*producer/),
  ]);
});

it('README.md gives the command of each of them, and a page of the guide shows it', () => {
  const commandsIn = (file: string): string[] =>
    [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/npm run example -- ([\w-]+)/g)].map(
      ([, name = '']) => name,
    );
  expect([...new Set(commandsIn('README.md'))].sort()).toEqual([...NAMES].sort());
  const pages = readdirSync(path.join(ROOT, 'docs/guide')).map((file) => `docs/guide/${file}`);
  expect([...new Set(pages.flatMap(commandsIn))].sort()).toEqual([...NAMES].sort());
});

it('their jobs and groups are of other names than those in documents: both are run on one broker', () => {
  const namesIn = (text: string): string[] =>
    [...text.matchAll(/(?:dataflow\(|group: )'([^']+)'/g)].map(([, name = '']) => name);
  const documents = ['README.md', ...readdirSync(path.join(ROOT, 'docs/guide')).map((file) => `docs/guide/${file}`)];
  const shown = documents.flatMap((file) => namesIn(readFileSync(path.join(ROOT, file), 'utf8')));
  expect(shown).toContain('capture-payments');
  expect(NAMES.flatMap((name) => namesIn(textOf(name))).filter((name) => shown.includes(name))).toEqual([]);
});
