/**
 * Exactly-once from topic to topic: the job is killed with SIGKILL in the middle, twice, and each result is there once.
 *
 *   npm run example -- exactly-once
 *
 * needs: kafka
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dataflow, int, memory, memorySink, string, struct } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '@millrace/kafka';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const input = process.env['TOPIC'] ?? 'shop.item.sold';
const output = process.env['OUTPUT_TOPIC'] ?? 'shop.item.counted';
const folder = process.env['EXAMPLE_FOLDER'] ?? '.millrace/exactly-once';
const Item = struct({ id: string(), pieces: int() });

/** What runs in production. Its positions, its state and its output are one transaction per commit. */
async function job(begun: number, fresh: boolean): Promise<void> {
  const flow = dataflow('exactly-once');
  flow
    // Slowly, so that it can be killed in the middle. Without `until` it goes on for ever.
    .from('items', kafka.topic(input, { schema: Item, start: { timestamp: begun }, until: 'end', onError: 'fail' }), {
      rateLimit: { records: 5_000 },
    })
    .to('counted', kafka.sink(output, { schema: Item, key: ({ id }) => id }));
  const handle = await flow.run(
    kafka.solo({
      bootstrap,
      checkpoints: directory(`${folder}/state`),
      commitInterval: '100ms',
      fresh, // the first life of each run begins anew; leave it out to go on where the job stopped
      onEvent: ({ type }) => void process.send?.(type),
    }),
  );
  await handle.done;
  process.disconnect();
}

/** Runs the job in a process of its own, and kills it behind so many commits. */
function lifeOfTheJob(commits: number, ...args: readonly string[]): Promise<string> {
  const child = fork(fileURLToPath(import.meta.url), ['job', ...args], { execArgv: process.execArgv });
  let seen = 0;
  child.on('message', (type) => {
    if (type === 'checkpoint' && ++seen === commits) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)));
}

async function main(): Promise<void> {
  await kafka.ensureTopics(
    { bootstrap },
    [input, output].map((name) => ({ name, partitions: 4 })),
  );
  const run = Date.now();
  const items = Array.from({ length: 10_000 }, (_, i) => ({ id: `${run}-${i}`, pieces: 1 + (i % 3) }));
  const feed = dataflow('exactly-once-feed');
  feed.from('items', memory(items)).to('topic', kafka.sink(input, { bootstrap, schema: Item, key: ({ id }) => id }));
  await (
    await feed.run()
  ).done;
  console.log(`the job has ended: ${await lifeOfTheJob(3, String(run), 'fresh')}`);
  console.log(`the job has ended: ${await lifeOfTheJob(6, String(run))}`);
  console.log(`the job has ended: ${await lifeOfTheJob(Infinity, String(run))}`);

  // What a reader of committed records finds.
  const sink = memorySink<{ id: string; pieces: number }>();
  const check = dataflow('exactly-once-check');
  check.from('counted', kafka.topic(output, { bootstrap, schema: Item, until: 'end' })).to('rows', sink);
  await (
    await check.run()
  ).done;
  const ids = sink.rows.map(({ id }) => id).filter((id) => id.startsWith(`${run}-`));
  console.log(`${ids.length} results of ${new Set(ids).size} items`);
}

const [, , mode, begun, fresh] = process.argv;
await (mode === 'job' ? job(Number(begun), fresh === 'fresh') : main());
