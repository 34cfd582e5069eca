/**
 * Windows over readings of sensors: means per minute, sliding maxima, outages as sessions; what comes too late goes to a topic of its own.
 *
 *   npm run example -- windows
 *
 * needs: kafka
 */
import { avg, boundedOutOfOrderness, count, dataflow, double, int, max, memory, session, sliding } from 'millrace';
import { sideOutput, string, struct, timestamp, tumbling, type Infer } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '@millrace/kafka';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const input = process.env['TOPIC'] ?? 'metrics.plant.temperature';
const folder = process.env['EXAMPLE_FOLDER'] ?? '.millrace/windows';
const names = {
  means: `${input}.means`,
  maxima: `${input}.maxima`,
  activity: `${input}.activity`,
  late: `late.${input}`,
};

const Reading = struct({ sensor: string(), celsius: double(), time: timestamp() });
const Mean = struct({ sensor: string(), from: timestamp(), to: timestamp(), mean: double(), readings: int() });
const Maximum = struct({ sensor: string(), to: timestamp(), highest: double() });
const Activity = struct({ sensor: string(), from: timestamp(), readings: int() });
await kafka.ensureTopics(
  { bootstrap },
  [input, ...Object.values(names)].map((name) => ({ name, partitions: 1, config: { 'retention.ms': '-1' } })),
);

// Something to read: ten minutes of three sensors, of which one is silent for two minutes, and one reading that is far too late.
const start = Date.parse('2026-01-05T08:00:00Z');
const readings = Array.from({ length: 600 }, (_, second) => ({
  sensor: `s-${second % 3}`,
  celsius: 20 + (second % 60) / 10,
  time: start + second * 1_000,
})).filter(({ sensor, time }) => sensor !== 's-1' || time < start + 180_000 || time >= start + 300_000);
const late = { sensor: 's-0', celsius: 99, time: start };
const begun = Date.now();
const feed = dataflow('windows-feed');
feed.from('readings', memory([...readings, late])).to('topic', kafka.sink(input, { bootstrap, schema: Reading }));
await (
  await feed.run()
).done;

const tooLate = sideOutput<Infer<typeof Reading>>('late');
const flow = dataflow('windows');
const bySensor = flow
  .from(
    'readings',
    kafka.topic(input, { schema: Reading, start: { timestamp: begun }, until: 'end', onError: 'fail' }),
    {
      watermarks: boundedOutOfOrderness('5s', (reading) => reading.time),
    },
  )
  .keyBy((reading) => reading.sensor);

const means = bySensor
  .window(tumbling('1m'))
  .lateTo(tooLate)
  .aggregate({ mean: avg((r) => r.celsius), readings: count() }, ({ key, window, value }) => ({
    ...{ sensor: key, from: window.start, to: window.end },
    ...value,
  }));
means.to('means', kafka.sink(names.means, { schema: Mean, key: (row) => row.sensor }));
means.side(tooLate).to('late', kafka.sink(names.late, { schema: Reading }));

bySensor
  .window(sliding('5m', '1m'))
  .aggregate({ highest: max((r) => r.celsius) }, ({ key, window, value }) => ({
    sensor: key,
    to: window.end,
    ...value,
  }))
  .to('maxima', kafka.sink(names.maxima, { schema: Maximum, key: (row) => row.sensor }));

bySensor
  .window(session('1m'))
  .aggregate({ readings: count() }, ({ key, window, value }) => ({ sensor: key, from: window.start, ...value }))
  .to('activity', kafka.sink(names.activity, { schema: Activity, key: (row) => row.sensor }));

// A job that goes on for ever has no `until` and no `fresh`: it is started again where it stopped.
const handle = await flow.run(
  kafka.solo({ fresh: true, bootstrap, checkpoints: directory(`${folder}/state`), commitInterval: '1s' }),
);
await handle.done;
for (const { name, in: taken, out, late: tooLate } of handle.metrics().operators)
  console.log(`${name}: ${taken} in, ${out} out${tooLate === 0 ? '' : `, ${tooLate} too late`}`);
