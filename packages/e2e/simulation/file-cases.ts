import {
  count,
  dataflow,
  deadLetter,
  memory,
  memorySink,
  session,
  sideOutput,
  sliding,
  sum,
  tumbling,
  typed,
  valueState,
  type DeadLetter,
  type Random,
} from 'millrace';
import { ndjson } from 'millrace/node';
import { readings, watermarks, type Reading } from './readings.ts';
import type { SimulationCase } from './simulation-case.ts';

const ANY = memorySink<unknown>();
const DEAD = deadLetter(memorySink<DeadLetter>());

const BUILDERS: readonly ((random: Random, records: number) => SimulationCase)[] = [
  tumblingCase,
  sessionCase,
  processCase,
  twoWindowsCase,
  dedupeCase,
  unionCase,
  fileCase,
];

/** The n-th program, with at least `records` records of input. */
export function fileCaseOf(n: number, random: Random, records: number): SimulationCase {
  return (BUILDERS[n % BUILDERS.length] as (typeof BUILDERS)[number])(random, records);
}

function tumblingCase(random: Random, records: number): SimulationCase {
  const late = sideOutput<Reading>('late');
  const flow = dataflow('tumbling');
  const rows = flow
    .from('readings', memory(readings(random, records)), { watermarks })
    .map((reading) => {
      if (reading.value === 13) throw new Error(`unlucky ${reading.id}`);
      return reading;
    })
    .keyBy((reading) => reading.key)
    .window(tumbling('1s'))
    .lateTo(late)
    .aggregate({ n: count(), sum: sum((reading) => reading.value) });
  rows.to('results', ANY);
  rows.side(late).to('late', ANY);
  return { name: 'tumbling windows', flow, onError: DEAD, files: {} };
}

function sessionCase(random: Random, records: number): SimulationCase {
  const flow = dataflow('sessions');
  flow
    .from('readings', memory(readings(random, records)), { watermarks })
    .keyBy((reading) => reading.key)
    .window(session('400ms'))
    .reduce((a, b) => ({ ...a, value: a.value + b.value }))
    .to('results', ANY);
  return { name: 'sessions', flow, onError: 'fail', files: {} };
}

/** Alarms on silence: timers that are set, moved and deleted. */
function processCase(random: Random, records: number): SimulationCase {
  const flow = dataflow('process');
  flow
    .from('readings', memory(readings(random, records)), { watermarks })
    .keyBy((reading) => reading.key)
    .process({
      emits: typed<{ key: string; at: number; seen: number }>(),
      state: { seen: valueState({ initial: () => 0 }), alarm: valueState<number>() },
      onRecord(reading, ctx) {
        const alarm = ctx.state.alarm.get();
        if (alarm !== undefined) ctx.deleteEventTimer(alarm);
        ctx.state.alarm.set(reading.at + 1_500);
        ctx.registerEventTimer(reading.at + 1_500);
        ctx.state.seen.update((seen) => seen + 1);
      },
      onEventTimer(at, ctx) {
        ctx.emit({ key: ctx.key, at, seen: ctx.state.seen.get() });
        ctx.state.alarm.clear();
        ctx.state.seen.clear();
      },
    })
    .to('alarms', ANY);
  return { name: 'process function', flow, onError: 'fail', files: {} };
}

function twoWindowsCase(random: Random, records: number): SimulationCase {
  const flow = dataflow('twoWindows');
  flow
    .from('readings', memory(readings(random, records)), { watermarks })
    .keyBy((reading) => reading.key)
    .window(sliding('2s', '700ms'))
    .allowedLateness('1s')
    .aggregate({ n: count() }, ({ key, window, value }) => ({ key, end: window.end, n: value.n }))
    .keyBy((row) => row.n % 3)
    .window(tumbling('5s'))
    .aggregate({ windows: count(), n: sum((row) => row.n) })
    .to('results', ANY);
  return { name: 'two windows in a row', flow, onError: 'fail', files: {} };
}

function dedupeCase(random: Random, records: number): SimulationCase {
  const flow = dataflow('dedupe');
  const twice = readings(random, records).flatMap((reading) => (reading.id % 3 === 0 ? [reading, reading] : [reading]));
  flow
    .from('readings', memory(twice), { watermarks })
    .keyBy((reading) => reading.key)
    .dedupe({ by: (reading) => reading.id, within: '3s' })
    .keyBy((reading) => reading.key)
    .aggregate({ n: count(), sum: sum((reading) => reading.value) })
    .to('totals', ANY);
  return { name: 'dedupe and running totals', flow, onError: 'fail', files: {} };
}

function unionCase(random: Random, records: number): SimulationCase {
  const flow = dataflow('union');
  const half = Math.ceil(records / 2);
  const [a, b] = [readings(random, half), readings(random, half)];
  const first = flow.from('first', memory(a), { watermarks });
  const second = flow.from('second', memory(b), { watermarks });
  first
    .union(second)
    .keyBy((reading) => reading.key)
    .window(tumbling('2s'))
    .aggregate({ n: count(), sum: sum((reading) => reading.value) })
    .to('results', ANY);
  return { name: 'union', flow, onError: 'fail', files: {} };
}

/** Lines of a file, some of which are no JSON. */
function fileCase(random: Random, records: number): SimulationCase {
  const flow = dataflow('files');
  const lines = readings(random, records).map((reading) =>
    reading.id % 17 === 5 ? '{"id":' : JSON.stringify(reading),
  );
  const source = ndjson('/in/readings.ndjson', { decode: (line) => JSON.parse(line) as Reading, onError: DEAD });
  flow
    .from('readings', source, { watermarks })
    .keyBy((reading) => reading.key)
    .window(tumbling('3s'))
    .aggregate({ n: count(), sum: sum((reading) => reading.value) })
    .to('results', ANY);
  return { name: 'files', flow, onError: 'fail', files: { '/in/readings.ndjson': `${lines.join('\n')}\n` } };
}
