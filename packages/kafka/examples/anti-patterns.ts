/**
 * Anti-patterns: a job that works in a demo, what Millrace says of it when it starts, and the same job as production wants it.
 *
 *   npm run example -- anti-patterns
 *
 * needs: kafka
 */
import { setTimeout as wait } from 'node:timers/promises';
import {
  boundedOutOfOrderness,
  consoleLogger,
  count,
  dataflow,
  int,
  memory,
  messageOf,
  string,
  struct,
} from 'millrace';
import { timestamp, tumbling } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '@millrace/kafka';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const input = process.env['TOPIC'] ?? 'shop.visit.recorded';
const folder = process.env['EXAMPLE_FOLDER'] ?? '.millrace/anti-patterns';
const bad = `${input}.single`;

interface Visit {
  readonly id: string;
  readonly country: string;
  readonly time: number;
}
const Visit = struct({ id: string(), country: string(), time: timestamp() });

await kafka.ensureTopics({ bootstrap }, [
  { name: bad, partitions: 1 },
  { name: input, partitions: 4 },
  { name: 'metrics.shop.visits', partitions: 4 },
]);
const visits = Array.from({ length: 1_000 }, (_, i) => ({
  id: `v-${i}`,
  country: ['at', 'de'][i % 2] ?? '',
  time: Date.now(),
}));
for (const name of [bad, input]) {
  const feed = dataflow(`feed-of-${name}`);
  feed.from('visits', memory(visits)).to('topic', kafka.sink(name, { bootstrap, schema: Visit, key: ({ id }) => id }));
  await (
    await feed.run()
  ).done;
}

// As in a demo: no schema, no dead letters, ids that are remembered for ever, a topic of one partition.
const demo = dataflow('visits-demo');
demo
  .from('visits', kafka.topic<Visit>(bad))
  .keyBy((visit) => visit.country)
  .dedupe({ by: (visit) => visit.id })
  .to('counted', kafka.sink('metrics.shop.visits'));
const quiet = { ...consoleLogger, info: () => undefined, debug: () => undefined };
const logger = { ...quiet, warn: (line: string) => console.log(line) };
const begin = (name: string) => ({ bootstrap, checkpoints: directory(`${folder}/${name}`), fresh: true, logger });
const running = await demo.run(kafka.solo(begin('demo')));
await wait(2_000);
await running.stop();
// What is a warning there is an error here: nothing is read.
await demo.run(kafka.solo({ ...begin('refused'), guards: 'error' })).catch((error: unknown) => {
  console.log(`refused: ${messageOf(error).slice(0, 90)}...`);
});

// As production wants it: nothing to say.
const Row = struct({ country: string(), from: timestamp(), visits: int() });
const dead = kafka.deadLetters();
const flow = dataflow('anti-patterns');
flow
  .from('visits', kafka.topic(input, { schema: Visit, onError: dead }), {
    watermarks: boundedOutOfOrderness('5s', (visit) => visit.time),
  })
  .keyBy((visit) => visit.id)
  .dedupe({ by: (visit) => visit.id, within: '1h' })
  .keyBy((visit) => visit.country)
  .window(tumbling('1m'))
  .aggregate({ visits: count() }, ({ key, window, value }) => ({ country: key, from: window.start, ...value }))
  .to('counted', kafka.sink('metrics.shop.visits', { schema: Row, key: (row) => row.country }));
const handle = await flow.run(kafka.solo({ ...begin('job'), onError: dead, guards: 'error' }));
console.log('accepted');
await handle.stop();
