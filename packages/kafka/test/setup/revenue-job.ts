import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { confluentDriver, kafka } from '../../src/index.ts';
import { bootstrap, uniqueName } from './fixture.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');
const TSX = pathToFileURL(createRequire(path.join(ROOT, 'package.json')).resolve('tsx')).href;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once something was printed that matches. */
  printed(pattern: RegExp): Promise<void>;
}

function start(file: string, args: readonly string[]): Running {
  const node = ['--conditions=millrace-source', '--import', TSX, path.join(ROOT, 'examples/revenue', file)];
  const child = spawn(process.execPath, [...node, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  const heard = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of heard) listener();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(said.stdout) || pattern.test(said.stderr)) resolve();
      };
      heard.add(look);
      look();
      void ended.then(() => reject(new Error(`${file} has ended without ${String(pattern)}: ${said.stderr}`)));
    });
  return { child, ended, printed };
}

/** `npm start -- ...` in a process of its own. */
export const startJob = (...args: readonly string[]): Running => start('main.ts', args);

/** `npm run orders -- ...` to its end. */
export const feed = (...args: readonly string[]): Promise<Ended> => start('kafka/feed.ts', args).ended;

/** A record, byte by byte. */
export interface RawRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer;
}

/** All committed records of a topic, by partition and offset. */
export async function readRaw(topic: string): Promise<readonly RawRecord[]> {
  const [described] = await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: 1 }]);
  const partitions = (described?.partitions ?? []).map((_, partition) => ({ topic, partition, offset: 0 }));
  const settings = {
    'bootstrap.servers': bootstrap,
    'group.id': uniqueName('reader'),
    'enable.auto.commit': false,
    'isolation.level': 'read_committed',
    'enable.partition.eof': true,
    'auto.offset.reset': 'error',
  };
  let wake = (): void => undefined;
  const consumer = await confluentDriver.consumer(settings, { ready: () => wake(), failed: () => undefined });
  consumer.assign(partitions);
  const records: RawRecord[] = [];
  for (let ended = 0; ended < partitions.length;) {
    const readiness = new Promise<void>((resolve) => (wake = resolve));
    const fetched = await consumer.fetch(1_000);
    for (let i = 0; i < fetched.records.length; i++) {
      const [key, value] = [fetched.records.key(i), fetched.records.value(i)];
      records.push({
        partition: fetched.records.partition(i),
        key: key === null ? null : Buffer.from(key),
        value: Buffer.from(value ?? []),
      });
    }
    ended += fetched.ends.length;
    if (fetched.records.length === 0 && fetched.ends.length === 0) await readiness;
  }
  await consumer.close();
  return records.sort((a, b) => a.partition - b.partition);
}
