/**
 * What the documents show of Kafka: programs and commands, on a broker, as they stand there but for its address. That the programs
 * compile is checked with all others (packages/e2e/test/docs/snippets.test.ts).
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Pool } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { missingServer } from '../../../../scripts/services/missing-server.mjs';
import * as postgres from '../../../../scripts/services/postgres.mjs';
import { kafka } from '../../src/index.ts';
import { bootstrap, newFolder, produce, readWithJava, withBroker } from '../setup/fixture.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');
const TSX = pathToFileURL(createRequire(path.join(ROOT, 'package.json')).resolve('tsx')).href;
const ADDRESS = 'localhost:9092';
const GUIDES = readdirSync(path.join(ROOT, 'docs/guide')).map((name) => `docs/guide/${name}`);

function fences(document: string, language: string): string[] {
  const text = readFileSync(path.join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```/gm)].flatMap(([, name, body]) =>
    name === language ? [body ?? ''] : [],
  );
}

const programs = ['README.md', ...GUIDES].flatMap((document) =>
  fences(document, 'ts')
    .filter((code) => code.includes('@millrace/kafka'))
    .map((code, i) => ({ name: `${document}, program ${i + 1}`, code })),
);

/** Those whose results are looked at. */
const [REVENUE, WORDS] = ['docs/guide/kafka.md, program 1', 'docs/guide/kafka.md, program 2'];
const ONCE = 'docs/guide/idempotent-consumer.md, program 1';
const SEEN: readonly string[] = [REVENUE, WORDS, ONCE];

/** Where the documents have PostgreSQL. */
const DATABASE = 'postgres://localhost/shop';
const noDatabase = missingServer('PostgreSQL', postgres.missing());

function programNamed(wanted: string): string {
  const program = programs.find(({ name }) => name === wanted);
  if (program === undefined) throw new Error(`there is no ${wanted}`);
  return program.code;
}

/** What the program about security finds in its environment. */
const SECRETS = Object.fromEntries(['CA', 'CERT', 'KEY'].map((what) => [`KAFKA_${what}`, `-----BEGIN ${what}-----`]));

function node(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=millrace-source', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...SECRETS },
  });
  expect(status, stderr).toBe(0);
  return `${stdout}${stderr}`;
}

/** Runs a program of a document where it finds the packages. */
function runProgram(code: string): void {
  const folder = path.join(ROOT, 'packages/kafka/.snippets', String(process.pid));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'node_modules/@millrace'), { recursive: true });
  symlinkSync(path.join(ROOT, 'packages/kafka'), path.join(folder, 'node_modules/@millrace/kafka'));
  writeFileSync(path.join(folder, 'program.ts'), code.replaceAll(ADDRESS, bootstrap));
  node(['--import', TSX, path.join(folder, 'program.ts')], newFolder());
}

/** The commands of a document that go to a broker, each without what is the same for all of them. */
function commandsOf(document: string, address: string): { readonly verb: string; readonly args: readonly string[] }[] {
  const lines = fences(document, 'sh').flatMap((text) => text.split('\n'));
  return lines
    .filter((line) => line.includes(address) || line.includes('npm run kafka'))
    .map((line) => {
      const [, verb = '', args = ''] = /^npm (?:run )?(\w+)(?: -- (.*))?$/.exec(line) ?? [];
      return { verb, args: args.split(' ') };
    });
}

const at = (args: readonly string[], from: string, to: string): string[] =>
  args.map((word) => (word === from ? to : word));

/** Feeds the main job and runs it, as the document says; returns what the job printed. */
function feedAndRun(document: string, address: string, broker: string, state: string): string {
  const [, orders, start] = commandsOf(document, address);
  expect([orders?.verb, start?.verb]).toEqual(['orders', 'start']);
  const feed = path.join(ROOT, 'examples/revenue/kafka/feed.ts');
  node(['--import', TSX, feed, ...at(orders?.args ?? [], address, broker)], ROOT);
  const job = path.join(ROOT, 'scripts/start.mjs');
  return node([job, ...at(start?.args ?? [], address, broker), '--state', state], ROOT);
}

/** A port that is free now. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

/** The broker that `npm run kafka` starts for a person: where it says that it is, and Ctrl-C. */
async function startedByCommand(args: readonly string[]) {
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/kafka/main.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    void ended.then((code) => reject(new Error(`npm run kafka has ended with ${code}`)));
  });
  return {
    address,
    interrupt: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

const withoutSpeed = (line: string): string => line.replace(/ in [\d.]+ s .*$/, '');

withBroker('what the documents show of Kafka', () => {
  it('README.md: its commands start a broker, feed it, and run the job, which prints what is shown', async () => {
    const [first] = commandsOf('README.md', ADDRESS);
    expect([first?.verb, ...(first?.args ?? [])]).toEqual(['kafka', '--port', '9092']);
    const broker = await startedByCommand(at(first?.args ?? [], '9092', await freePort()));
    try {
      const said = feedAndRun('README.md', ADDRESS, broker.address, newFolder());
      const shown = fences('README.md', 'text').find((text) => text.includes(ADDRESS)) ?? '';
      const lines = new Set(said.split('\n').map(withoutSpeed));
      const expected = shown.trimEnd().replaceAll(ADDRESS, broker.address).split('\n').map(withoutSpeed);
      expect(expected.length).toBeGreaterThan(5);
      expect(
        expected.filter((line) => line !== '...' && !lines.has(line)),
        said,
      ).toEqual([]);
    } finally {
      expect(await broker.interrupt()).toBe(0);
    }
  });

  it('docs/guide/kafka.md: its commands feed orders and compute results, and its program does the same', () => {
    feedAndRun('docs/guide/kafka.md', 'HOST:PORT', bootstrap, newFolder());
    const results = readWithJava('revenue.by-category').length;
    expect(results).toBeGreaterThan(100);
    runProgram(programNamed(REVENUE));
    expect(readWithJava('revenue.by-category').length).toBe(2 * results);
  });

  it('docs/guide/kafka.md: its format reads lines and writes words', async () => {
    await kafka.ensureTopics({ bootstrap }, [{ name: 'lines', partitions: 2 }]);
    await produce('lines', [{ text: 'to be or' }, { text: 'not', partition: 1 }]);
    runProgram(programNamed(WORDS));
    const words = readWithJava('words').map(({ key, value, headers }) => `${key} ${value} ${headers}`);
    expect(words.sort()).toEqual([
      'be {"word":"be","partition":0,"length":2} from-partition:0',
      'not {"word":"not","partition":1,"length":3} from-partition:1',
      'or {"word":"or","partition":0,"length":2} from-partition:0',
      'to {"word":"to","partition":0,"length":2} from-partition:0',
    ]);
  });

  it.skipIf(noDatabase !== '')(`${ONCE}: books a payment that comes twice once ${noDatabase}`, async () => {
    const server = await postgres.start();
    const pool = new Pool({ connectionString: server.url });
    try {
      await kafka.ensureTopics({ bootstrap }, [{ name: 'payments.booked-once', partitions: 4 }]);
      const payment = { text: '{"id":"p1","account":"a1","cents":70}' };
      await produce('payments.booked-once', [payment, { ...payment, partition: 1 }]);
      runProgram(programNamed(ONCE).replaceAll(DATABASE, server.url));
      expect((await pool.query('SELECT id, cents::int AS cents FROM accounts')).rows).toEqual([
        { id: 'a1', cents: 70 },
      ]);
    } finally {
      await pool.end();
      await server.stop();
    }
  });

  it.each(programs.filter(({ name }) => !SEEN.includes(name)))('$name runs', ({ code }) => {
    runProgram(code);
  });
});
