/**
 * One contender of the Kafka case: `from(json) -> map -> sink`, exactly once, in a process of its own.
 *
 *   copy-job.ts BOOTSTRAP INPUT OUTPUT GROUP INTERVAL_MS COUNT
 *
 * Prints one line of JSON: records, seconds and CPU from the first record to the last commit.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataflow, silentLogger } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '../../packages/kafka/src/index.ts';

const [bootstrap = '', input = '', output = '', group = '', interval = '200', count = '0'] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-kafka-'));
let started: { readonly ms: number; readonly cpu: NodeJS.CpuUsage } | undefined;
let committed = { ms: 0, cpu: process.cpuUsage() };
let records = 0;
let reached = (): void => undefined;
const enough = new Promise<void>((resolve) => (reached = resolve));

const flow = dataflow(group);
flow
  .from('in', kafka.topic<Record<string, unknown>>(input))
  .map((record) => {
    started ??= { ms: performance.now(), cpu: process.cpuUsage() };
    if (++records === Number(count)) reached();
    return { ...record, seen: 1 };
  })
  .to('out', kafka.sink(output, { partition: (_value, partitions) => records % partitions }));
const handle = await flow.run(
  kafka.solo({
    bootstrap,
    checkpoints: directory(folder),
    commitInterval: Number(interval),
    logger: silentLogger,
    development: false,
    onEvent: ({ type }) => {
      // Like the loop that it is compared with: to the end of the last commit, without closing the clients.
      if (type === 'checkpoint') committed = { ms: performance.now(), cpu: process.cpuUsage() };
    },
  }),
);
await enough;
await handle.stop();
rmSync(folder, { recursive: true, force: true });
if (started === undefined) throw new Error('there was nothing to read');
const seconds = (committed.ms - started.ms) / 1_000;
const micros = committed.cpu.user + committed.cpu.system - started.cpu.user - started.cpu.system;
console.log(
  JSON.stringify({
    records,
    s: seconds,
    rps: Math.round(records / seconds),
    procUs: micros / records,
    rssMB: Math.round(process.memoryUsage.rss() / 2 ** 20),
  }),
);
process.exit(0);
