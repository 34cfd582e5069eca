import { avg, count, decimalAvg, max, min, sum } from '../../src/aggregates/index.ts';
import type { Dataflow, DataStream } from '../../src/api/index.ts';
import { memoryPartitions, memorySink } from '../../src/connectors/index.ts';
import { dataflow } from '../../src/job.ts';
import { sideOutput, type Aggregate } from '../../src/model/index.ts';
import { seededRandom } from '../../src/testing.ts';
import { boundedOutOfOrderness } from '../../src/time/index.ts';
import { tumbling } from '../../src/windows/index.ts';

export interface Event {
  readonly key: string;
  readonly n: number;
  readonly time: number;
}

/** A pipeline on two sources, and what it wrote so far. */
export interface Animal {
  readonly flow: Dataflow;
  outputs(): Readonly<Record<string, readonly unknown[]>>;
}

/** Two sources, opened only if they are used. */
interface Inputs {
  readonly a: DataStream<Event, true>;
  readonly b: DataStream<Event, true>;
}

export type Build = (streams: Inputs, out: <T>(name: string, stream: DataStream<T>) => void) => void;

export type Size = 'small' | 'large';

/** Records per partition; the large ones need several turns of 512. */
const LENGTHS: Readonly<Record<Size, readonly number[]>> = { small: [70, 15, 0, 40], large: [700, 90, 0, 1_100] };

/** Records out of order by more than the bound now and then, so that some are late; partitions of unequal length. */
function partitions(seed: number, size: Size): readonly (readonly Event[])[] {
  const random = seededRandom(seed);
  return LENGTHS[size].map((length, p) => {
    let now = 1_000 * p - 500;
    return Array.from({ length }, (_, i) => {
      now += Math.floor(random.next() * 12);
      const behind = random.next() < 0.1 ? Math.floor(random.next() * 90) : Math.floor(random.next() * 10);
      return { key: `k${Math.floor(random.next() * 5)}`, n: i, time: now - behind };
    });
  });
}

/** The longest text of numbers; an accumulator that is an object. */
const digest: Aggregate<Event, { parts: string[]; last: number | undefined }, string> = {
  create: () => ({ parts: [], last: undefined }),
  add(acc, event) {
    acc.parts.push(`${event.n}`);
    acc.last = event.n;
    return acc;
  },
  merge: (a, b) => ({ parts: [...a.parts, ...b.parts], last: b.last ?? a.last }),
  result: ({ parts, last }) => `${parts.join('+')}=${last}`,
};

const late = sideOutput<Event>('late');
const late2 = sideOutput<{ key: string; n: number }>('late 2');

/** Every operator there is, alone and combined. */
export const ZOO: Readonly<Record<string, Build>> = {
  'map, filter and split': ({ a }, out) => {
    const [even, odd] = a
      .map((e) => ({ ...e, n: e.n * 3 }))
      .filter((e) => e.n % 5 !== 0)
      .split((e) => e.n % 2 === 0);
    out('even', even);
    out(
      'odd',
      odd.map((e) => e.key),
    );
  },
  'flatMap of arrays and of long iterators, one behind the other': ({ a }, out) => {
    function* repeat(e: Event): Generator<string> {
      for (let i = 0; i < (e.n % 100 === 0 ? 1_500 : e.n % 3); i++) yield `${e.n}/${i}`;
    }
    const texts = a.flatMap((e) => (e.n % 2 === 0 ? [e, e] : [])).flatMap(repeat);
    out(
      'texts',
      texts.flatMap((text) => new Set([text, text.length])),
    );
  },
  'a long iterator into windows': ({ a }, out) => {
    function* repeat(e: Event): Generator<Event> {
      for (let i = 0; i < (e.n % 50 === 0 ? 700 : 1); i++) yield { ...e, key: `k${i}` };
    }
    const rows = a
      .flatMap(repeat)
      .keyBy((e) => e.key)
      .window(tumbling(100));
    out('rows', rows.aggregate({ n: count() }));
  },
  'union of two sources into windows': ({ a, b }, out) => {
    out(
      'rows',
      a
        .union(b)
        .keyBy((e) => e.key)
        .window(tumbling(50))
        .aggregate({ n: count(), last: digest }),
    );
  },
  'union of branches of one source': ({ a }, out) => {
    const [even, odd] = a.split((e) => e.n % 2 === 0);
    out(
      'rows',
      even
        .map((e) => ({ ...e, n: -e.n }))
        .union(odd, a)
        .windowAll(tumbling(70))
        .aggregate({ s: sum((e) => e.n) }),
    );
  },
  'windows with lateness and late output': ({ a }, out) => {
    const windows = a
      .keyBy((e) => e.key)
      .window(tumbling(50, { offset: -7 }))
      .allowedLateness(30)
      .lateTo(late);
    const rows = windows.aggregate({ n: count(), min: min((e) => e.n), max: max((e) => e.n), avg: avg((e) => e.n) });
    out('rows', rows);
    out('late', rows.side(late));
  },
  'windows of windows, late at both': ({ a }, out) => {
    const first = a
      .keyBy((e) => e.key)
      .window(tumbling(20))
      .allowedLateness(40)
      .lateTo(late)
      .aggregate({ n: count() }, (r) => ({ key: r.key, n: r.value.n }));
    const second = first
      .keyBy((r) => r.key)
      .window(tumbling(60))
      .lateTo(late2)
      .aggregate({ s: sum((r) => r.n) });
    out('first', first);
    out('second', second);
    out('late', first.side(late));
    out('late 2', second.side(late2));
  },
  'union of windows and of a stream, into windows': ({ a, b }, out) => {
    const counts = a
      .windowAll(tumbling(20))
      .aggregate({ n: count() }, (r) => ({ key: 'all', n: r.value.n, time: r.window.start }));
    out(
      'rows',
      counts
        .union(b)
        .windowAll(tumbling(40))
        .allowedLateness(10)
        .aggregate({ s: sum((e) => e.n), n: count() }),
    );
  },
  'a late output that goes into windows of its own': ({ a }, out) => {
    const rows = a
      .keyBy((e) => e.key)
      .window(tumbling(10))
      .lateTo(late)
      .aggregate({ n: count() });
    out('rows', rows);
    out('late rows', rows.side(late).windowAll(tumbling(500)).allowedLateness(100).aggregate({ n: count() }));
  },
  'reduce and exact averages': ({ a, b }, out) => {
    out(
      'max',
      a
        .keyBy((e) => e.n % 3)
        .window(tumbling(80))
        .reduce((x, y) => (x.n >= y.n ? x : y)),
    );
    out(
      'all',
      b.windowAll(tumbling(1_000)).reduce(
        (x, y) => ({ ...x, n: x.n + y.n }),
        (r) => r.value.n,
      ),
    );
    out(
      'average',
      b
        .keyBy((e) => e.key)
        .window(tumbling(200))
        .aggregate({ a: decimalAvg((e) => e.n, { extraDigits: 2 }) }),
    );
  },
};

/** A new instance of a pipeline. */
export function animal(name: string, build: Build, size: Size): Animal {
  const flow = dataflow(name);
  const sinks = new Map<string, { rows: readonly unknown[]; timestamps: readonly number[] }>();
  const watermarks = boundedOutOfOrderness(20, (e: Event) => e.time, { idleAfter: 'never' });
  const streams = new Map<number, DataStream<Event, true>>();
  const stream = (seed: number): DataStream<Event, true> => {
    const source = memoryPartitions(partitions(seed, size));
    const made = streams.get(seed) ?? flow.from(`source ${seed}`, source, { watermarks });
    streams.set(seed, made);
    return made;
  };
  const inputs: Inputs = {
    get a() {
      return stream(7);
    },
    get b() {
      return stream(8);
    },
  };
  build(inputs, (sinkName, results) => {
    const sink = memorySink<unknown>();
    sinks.set(sinkName, sink);
    (results as DataStream<unknown>).to(sinkName, sink);
  });
  return {
    flow,
    outputs: () =>
      Object.fromEntries(
        [...sinks].map(([sink, { rows, timestamps }]) => [sink, rows.map((row, i) => [row, timestamps[i]])]),
      ),
  };
}
