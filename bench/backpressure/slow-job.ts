/**
 * A job that reads a file into a sink that is far slower, in a process of its own.
 *
 *   slow-job.ts FILE RECORDS_PER_SECOND
 *
 * Says one line of JSON a second. Told "open", its sink takes all it gets. When it has finished it says a last line, with
 * `sum` over all records.
 */
import { dataflow, silentLogger, type Sink } from 'millrace';
import { ndjson } from 'millrace/node';
import { bench } from '../harness/partner.ts';

const [file = '', perSecond = '1000'] = process.argv.slice(2);
/** The sink has no room while more records wait. */
const ROOM = 1_000;
const DRAIN_MS = 10;

let waiting = 0;
let written = 0;
let sum = 0;
let open = false;
let wake = (): void => undefined;
const drain = (): void => {
  waiting = open ? 0 : Math.max(0, waiting - (Number(perSecond) * DRAIN_MS) / 1_000);
  wake();
};
const draining = setInterval(drain, DRAIN_MS);

const slow: Sink<number> = {
  kind: 'slow',
  open: (context) => {
    wake = context.wake;
    return Promise.resolve({
      buffered: 0,
      write: (n: number) => {
        waiting++;
        written++;
        sum += n;
      },
      ready: () => open || waiting < ROOM,
      flush: () => Promise.resolve(),
      finish: () => Promise.resolve(),
      abort: () => Promise.resolve(),
    });
  },
};

const flow = dataflow('slow');
flow
  .from('in', ndjson(file, { decode: (line) => JSON.parse(line) as { readonly n: number } }))
  .map(({ n }) => n)
  .to('out', slow);
const handle = await flow.run({ logger: silentLogger, development: false });
const say = (finished: boolean): void => {
  const { rss, heapUsed } = process.memoryUsage();
  const [source] = handle.metrics().sources;
  bench.say({ rss, heapUsed, written, sum, read: source?.recordsRead ?? 0, time: source?.time, finished });
};
const sampling = setInterval(() => say(false), 1_000);
void bench.listen((line) => {
  open = line === 'open';
  drain();
});
await handle.done;
clearInterval(sampling);
clearInterval(draining);
say(true);
process.exit(0);
