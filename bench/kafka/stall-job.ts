/**
 * A job whose sink can be stalled: exactly once, with commits all the while, in a process of its own.
 *
 *   stall-job.ts BOOTSTRAP INPUT OUTPUT INTERVAL_MS
 *
 * Says one line of JSON a second. Told "close", its sink takes no records any more, until it is told "open".
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataflow, exponentialDelay, silentLogger, type Sink } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '../../packages/kafka/src/index.ts';
import { bench } from '../harness/partner.ts';

const [bootstrap = '', input = '', output = '', interval = '200'] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-kafka-'));
let open = true;
const wakes: (() => void)[] = [];

/** In front of a sink: it has no room while the gate is closed. */
function gated<T>(inner: Sink<T>): Sink<T> {
  return {
    ...inner,
    async open(context) {
      wakes.push(context.wake);
      const writer = await inner.open(context);
      return new Proxy(writer, {
        get(target, name) {
          if (name === 'ready') return () => open && target.ready();
          // Whatever it is, it belongs to the writer: only its `this` is put right.
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

let commits = 0;
const flow = dataflow(output);
flow
  .from('in', kafka.topic<Record<string, unknown>>(input))
  .map((record) => ({ ...record, seen: 1 }))
  .to('out', gated(kafka.sink(output)));
const handle = await flow.run(
  kafka.solo({
    bootstrap,
    checkpoints: directory(folder),
    commitInterval: Number(interval),
    logger: silentLogger,
    development: false,
    restart: exponentialDelay({ initial: '200ms', max: '10s' }),
    onEvent: ({ type }) => {
      if (type === 'checkpoint') commits++;
    },
  }),
);
handle.done.catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

const sampling = setInterval(() => {
  const { rss, heapUsed } = process.memoryUsage();
  const { operators, restarts } = handle.metrics();
  const written = operators.find(({ name }) => name === 'out')?.in ?? 0;
  bench.say({ rss, heapUsed, commits, restarts, written });
}, 1_000);

await bench.listen((line) => {
  open = line === 'open';
  for (const wake of wakes) wake();
});
clearInterval(sampling);
await handle.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
