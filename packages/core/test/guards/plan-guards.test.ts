import {
  avg,
  count,
  countEvictor,
  countTrigger,
  dataflow,
  deltaTrigger,
  early,
  generator,
  globalWindow,
  memory,
  memorySink,
  neverTrigger,
  processingTimeoutTrigger,
  purgingTrigger,
  session,
  tumbling,
  typed,
  valueState,
  ascendingTimestamps,
  type DataStream,
  type Sink,
  type Source,
  type Trigger,
} from 'millrace';
import { describe, expect, it } from 'vitest';
import { findAntiPatterns, plan } from '../../src/plan/index.ts';

interface Reading {
  readonly sensor: string;
  readonly celsius: number;
  readonly time: number;
}

/** Any stream, whatever it carries. */
interface Ends {
  to(name: string, sink: Sink<unknown>): unknown;
}

const watermarks = ascendingTimestamps<Reading>((reading) => reading.time);
const live = generator<Reading>((index) => ({ sensor: `s${index % 3}`, celsius: 20, time: index }));
const bounded = memory<Reading>([]);

/** What is said of a program of one operator. */
function found(operator: (readings: DataStream<Reading, true>) => Ends, source: Source<Reading> = live): string[] {
  const flow = dataflow('guards');
  operator(flow.from('readings', source, { watermarks })).to('out', memorySink<unknown>());
  return findAntiPatterns(plan(flow.graph())).map(({ guard, message, cure }) => `${guard}: ${message} ${cure}`);
}

const keyed = (readings: DataStream<Reading, true>) => readings.keyBy((reading) => reading.sensor);
const ownTrigger: Trigger<unknown> = {
  describe: 'own',
  onElement: () => 'fireAndPurge',
  onEventTime: () => 'continue',
  onProcessingTime: () => 'continue',
  clear: () => undefined,
};

describe('unbounded-window', () => {
  it.each<[string, (r: DataStream<Reading, true>) => Ends, RegExp]>([
    ['no trigger', (r) => keyed(r).window(globalWindow()).aggregate({ n: count() }), /accumulator of every key/],
    [
      'a trigger that counts',
      (r) =>
        keyed(r)
          .window(globalWindow())
          .trigger(countTrigger(10))
          .process({ emits: typed<number>(), process: () => undefined }),
      /keeps every record for ever\. Use windows of time or \.countWindow\(n\)/,
    ],
    [
      'a trigger within others',
      (r) =>
        keyed(r)
          .window(globalWindow())
          .trigger(
            processingTimeoutTrigger(early(countTrigger(2), deltaTrigger({ threshold: 1, delta: () => 0 })), '5s'),
          )
          .aggregate({ n: count() }),
      /has no end and no trigger that purges/,
    ],
    [
      'all records of the stream',
      (r) =>
        r
          .windowAll(globalWindow())
          .trigger(neverTrigger())
          .process({ emits: typed<number>(), process: () => undefined }),
      /keeps every record/,
    ],
    ['a gap of years', (r) => keyed(r).window(session('3650d')).aggregate({ n: count() }), /a gap that never comes/],
  ])('is seen in a global window with %s', (_what, operator, message) => {
    expect(found(operator)).toEqual([expect.stringMatching(message)]);
    expect(found(operator)[0]).toMatch(/^unbounded-window: window '/);
    expect(found(operator, bounded)).toEqual([]);
  });

  it.each<[string, (r: DataStream<Reading, true>) => Ends]>([
    [
      'a trigger that purges',
      (r) =>
        keyed(r)
          .window(globalWindow())
          .trigger(purgingTrigger(countTrigger(2)))
          .aggregate({ n: count() }),
    ],
    ['windows of so many records', (r) => keyed(r).countWindow(10).aggregate({ n: count() })],
    [
      'a trigger within one that purges',
      (r) =>
        keyed(r)
          .window(globalWindow())
          .trigger(processingTimeoutTrigger(purgingTrigger(countTrigger(2)), '5s'))
          .aggregate({ n: count() }),
    ],
    [
      'a trigger of its own, of which nobody knows',
      (r) => keyed(r).window(globalWindow()).trigger(ownTrigger).aggregate({ n: count() }),
    ],
    [
      'an evictor',
      (r) =>
        keyed(r).window(globalWindow()).trigger(countTrigger(1)).evictor(countEvictor(3)).aggregate({ n: count() }),
    ],
    [
      'one accumulator in all',
      (r) =>
        r
          .windowAll(globalWindow())
          .trigger(countTrigger(5))
          .aggregate({ n: avg((o) => o.celsius) }),
    ],
    ['windows of time', (r) => keyed(r).window(tumbling('1h')).aggregate({ n: count() })],
    ['sessions', (r) => keyed(r).window(session('30m')).aggregate({ n: count() })],
  ])('is silent with %s', (_what, operator) => {
    expect(found(operator)).toEqual([]);
  });
});

describe('unbounded-state', () => {
  it.each<[string, (r: DataStream<Reading, true>) => Ends, RegExp]>([
    [
      'a process function',
      (r) =>
        keyed(r).process({ state: { last: valueState<number>() }, emits: typed<number>(), onRecord: () => undefined }),
      /keeps state 'last' of every key/,
    ],
    [
      'one of two inputs',
      (r) =>
        keyed(r)
          .connect(keyed(r))
          .process({
            state: { a: valueState<number>(), b: valueState<number>({ ttl: { after: '1h' } }) },
            emits: typed<number>(),
            onRecord1: () => undefined,
            onRecord2: () => undefined,
          }),
      /coProcess '.*' keeps state 'a' of every key/,
    ],
    [
      'a window function over its windows',
      (r) =>
        keyed(r)
          .window(tumbling('1h'))
          .process({ keyState: { seen: valueState<number>() }, emits: typed<number>(), process: () => undefined }),
      /window '.*' keeps state 'seen'/,
    ],
    [
      'dedupe',
      (r) => keyed(r).dedupe({ by: (o) => o.time }),
      /dedupe '.*' remembers every id it has ever seen.*within: '1h'/,
    ],
  ])('is seen in %s', (_what, operator, message) => {
    expect(found(operator)).toEqual([expect.stringMatching(message)]);
    expect(found(operator)[0]).toMatch(/^unbounded-state: /);
    expect(found(operator, bounded)).toEqual([]);
  });

  it.each<[string, (r: DataStream<Reading, true>) => Ends]>([
    [
      'a time to live',
      (r) =>
        keyed(r).process({
          state: { last: valueState<number>({ ttl: { after: '1h' } }) },
          emits: typed<number>(),
          onRecord: () => undefined,
        }),
    ],
    [
      'timers',
      (r) =>
        keyed(r).process({
          state: { last: valueState<number>() },
          emits: typed<number>(),
          onRecord: () => undefined,
          onEventTimer: () => undefined,
        }),
    ],
    ['no state', (r) => keyed(r).process({ emits: typed<number>(), onRecord: () => undefined })],
    [
      'states of windows',
      (r) =>
        keyed(r)
          .window(tumbling('1h'))
          .process({ windowState: { seen: valueState<number>() }, emits: typed<number>(), process: () => undefined }),
    ],
    [
      'a function that clears',
      (r) =>
        keyed(r)
          .window(tumbling('1h'))
          .process({
            keyState: { seen: valueState<number>() },
            emits: typed<number>(),
            process: () => undefined,
            clear: (c) => c.keyState.seen.clear(),
          }),
    ],
    ['dedupe within a time', (r) => keyed(r).dedupe({ by: (o) => o.time, within: '1h' })],
  ])('is silent with %s', (_what, operator) => {
    expect(found(operator)).toEqual([]);
  });
});

describe('unbounded-lateness', () => {
  const allowing = (lateness: `${number}d` | number) => (r: DataStream<Reading, true>) =>
    keyed(r).window(tumbling('1h')).allowedLateness(lateness).aggregate({ n: count() });

  it('is seen where lateness has no end', () => {
    expect(found(allowing(Number.MAX_SAFE_INTEGER))).toEqual([
      expect.stringMatching(/^unbounded-lateness: window '.*' allows lateness of .*\.lateTo\(tag\)/),
    ]);
    expect(found(allowing('400d'))).toEqual([expect.stringContaining('400d')]);
    expect(found(allowing(Number.MAX_SAFE_INTEGER), bounded)).toEqual([]);
  });

  it('is silent where it has one', () => {
    expect(found(allowing('30d'))).toEqual([]);
  });
});
