/**
 * The job whose latency is measured: `from(json) -> map -> sink`, exactly once, in a process of its own.
 *
 *   latency-job.ts BOOTSTRAP INPUT OUTPUT INTERVAL_MS SKIPPED
 *
 * Says "ready" after its first commit, and, when it is told to end, how long its commits took, but for the first SKIPPED.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataflow, silentLogger } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '../../packages/kafka/src/index.ts';
import { bench } from '../harness/partner.ts';
import { percentilesOf } from './percentiles.ts';

const [bootstrap = '', input = '', output = '', interval = '200', skipped = '0'] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-kafka-'));
const commits: number[] = [];
const flow = dataflow(output);
flow
  .from('in', kafka.topic<Record<string, unknown>>(input))
  .map((record) => ({ ...record, seen: 1 }))
  .to('out', kafka.sink(output));
const handle = await flow.run(
  kafka.solo({
    bootstrap,
    checkpoints: directory(folder),
    commitInterval: Number(interval),
    logger: silentLogger,
    development: false,
    onEvent: (event) => {
      if (event.type !== 'checkpoint') return;
      if (commits.push(event.durationMs) === 1) bench.say('ready');
    },
  }),
);
handle.done.catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
await bench.listen();
await handle.stop();
rmSync(folder, { recursive: true, force: true });
bench.say({ ...percentilesOf(commits.slice(Number(skipped))), restarts: handle.metrics().restarts });
process.exit(0);
