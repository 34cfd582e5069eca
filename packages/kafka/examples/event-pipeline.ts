/**
 * The usual pipeline: clicks from a topic, checked and aggregated, to a dashboard (topic), to alerting (topic) and to a data lake (files).
 *
 *   npm run example -- event-pipeline
 *
 * needs: kafka
 */
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  int,
  memory,
  session,
  string,
  struct,
  timestamp,
  tumbling,
} from 'millrace';
import { directory, ndjson } from 'millrace/node';
import { kafka } from '@millrace/kafka';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const input = process.env['TOPIC'] ?? 'shop.click.recorded';
const FOLDER = process.env['EXAMPLE_FOLDER'] ?? '.millrace/event-pipeline';
const CLICKS_PER_VISIT_MAX = 20;

const Click = struct({ user: string(), page: string(), time: timestamp() });
const Clicks = struct({ section: string(), from: timestamp(), clicks: int() });
const Alert = struct({ user: string(), since: timestamp(), clicks: int() });

await kafka.ensureTopics({ bootstrap }, [
  { name: input, partitions: 4, config: { 'retention.ms': '-1' } },
  { name: 'metrics.shop.clicks', partitions: 2, config: { 'retention.ms': '-1' } },
  { name: 'commands.alerting.raise', partitions: 1, config: { 'retention.ms': '-1' } },
]);

// Something to read: an hour of clicks of 40 people, one of whom is no person, and one click that is none.
const clicks = Array.from({ length: 2_000 }, (_, i) => ({
  user: i % 10 === 0 ? 'bot' : `user-${i % 40}`,
  page: `/${['shop', 'cart', 'help'][i % 3] ?? ''}/${i % 7}`,
  time: 1_800 * i,
}));
const begun = Date.now();
const feed = dataflow('event-pipeline-feed');
feed
  .from('clicks', memory([...clicks.map((click) => JSON.stringify(click)), '{"user":"nobody"}']))
  .to('topic', kafka.sink(input, { bootstrap, format: kafka.string() }));
await (
  await feed.run()
).done;

// The job. One that goes on for ever has no `until` and no `fresh`: it is started again where it stopped.
const flow = dataflow('event-pipeline');
const dead = kafka.deadLetters();
const seen = flow
  .from('clicks', kafka.topic(input, { schema: Click, start: { timestamp: begun }, until: 'end', onError: dead }), {
    watermarks: boundedOutOfOrderness('5s', (click) => click.time),
  })
  .map((click) => ({ ...click, section: click.page.split('/')[1] ?? '' }));
// The dashboard: clicks per section and minute, keyed by section.
seen
  .keyBy((click) => click.section)
  .window(tumbling('1m'))
  .aggregate({ clicks: count() }, ({ key, window, value }) => ({
    section: key,
    from: window.start,
    clicks: value.clicks,
  }))
  .to('dashboard', kafka.sink('metrics.shop.clicks', { schema: Clicks, key: (row) => row.section }));
// Alerting: who clicks too much in one visit.
seen
  .keyBy((click) => click.user)
  .window(session('30s'))
  .aggregate({ clicks: count() }, ({ key, window, value }) => ({
    user: key,
    since: window.start,
    clicks: value.clicks,
  }))
  .filter((visit) => visit.clicks > CLICKS_PER_VISIT_MAX)
  .to('alerts', kafka.sink('commands.alerting.raise', { schema: Alert, key: (visit) => visit.user }));
// The data lake: every click, enriched.
seen.to('lake', ndjson.sink(`${FOLDER}/lake/${begun}`));

const handle = await flow.run(
  kafka.solo({
    fresh: true,
    bootstrap,
    checkpoints: directory(`${FOLDER}/state`),
    onError: dead,
    commitInterval: '1s',
  }),
);
await handle.done;
for (const { name, in: taken, out, deadLettered } of handle.metrics().operators)
  console.log(`${name}: ${taken} in, ${out} out${deadLettered === 0 ? '' : `, ${deadLettered} to the dead letters`}`);
