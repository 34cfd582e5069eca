import { count, max, sum } from '../../src/aggregates/index.ts';
import { listState, mapState, sideOutput, typed, valueState } from '../../src/model/index.ts';
import { boundedOutOfOrderness } from '../../src/time/index.ts';
import {
  continuousEventTimeTrigger,
  countTrigger,
  deltaEvictor,
  early,
  late as lateFirings,
  purgingTrigger,
  timeEvictor,
} from '../../src/triggers/index.ts';
import { customWindow, globalWindow, session, sliding, tumbling } from '../../src/windows/index.ts';
import type { Build, Event } from './zoo.ts';

const late = sideOutput<Event>('late');
const odd = sideOutput<string>('odd');
const cleared = sideOutput<string>('cleared');

/** Operators of the general path, keyed state and timers: every one there is, alone and combined. */
export const ZOO_OF_STATE: Readonly<Record<string, Build>> = {
  'sliding windows on slices, with late firings': ({ a }, out) => {
    const rows = a
      .keyBy((e) => e.key)
      .window(sliding(40, 30, { offset: 7 }))
      .allowedLateness(10)
      .lateTo(late)
      .aggregate({ n: count(), s: sum((e) => e.n), m: max((e) => e.n) });
    out('rows', rows);
    out('late', rows.side(late));
  },
  'sliding windows with gaps, and reduced ones per key': ({ a, b }, out) => {
    out('gaps', a.windowAll(sliding(20, 70)).aggregate({ n: count() }));
    const reduced = b.keyBy((e) => e.key).window(sliding(60, 20));
    out(
      'reduced',
      reduced.reduce((x, y) => ({ ...y, n: x.n + y.n })),
    );
  },
  'sessions of one gap and of many, joined by late records': ({ a, b }, out) => {
    const one = a
      .keyBy((e) => e.key)
      .window(session(25))
      .allowedLateness(15)
      .lateTo(late);
    const rows = one.aggregate({ n: count(), s: sum((e) => e.n) });
    out('one', rows);
    out('late', rows.side(late));
    const many = b.keyBy((e) => e.key).window(session((e: Event) => 5 + (e.n % 40)));
    out(
      'many',
      many.process<readonly number[]>((events, ctx) => ctx.emit(events.map((e) => e.n).toSorted((x, y) => x - y))),
    );
  },
  'early and late firings, purging and continuous': ({ a }, out) => {
    const windows = a.keyBy((e) => e.key).window(tumbling(200));
    out('early', windows.trigger(early(countTrigger(3))).aggregate({ n: count() }));
    out(
      'late',
      windows
        .allowedLateness(100)
        .trigger(lateFirings(countTrigger(2)))
        .aggregate({ n: count() }),
    );
    out('purging', windows.trigger(purgingTrigger(continuousEventTimeTrigger(50))).aggregate({ n: count() }));
  },
  'evictors and counts': ({ a }, out) => {
    const keyed = a.keyBy((e) => e.key);
    out('counts', keyed.countWindow(7).aggregate({ s: sum((e) => e.n) }));
    out('sliding counts', keyed.countWindow(10, 3).aggregate({ s: sum((e) => e.n), n: count() }));
    const ever = keyed.window(globalWindow()).trigger(countTrigger(2));
    out('time', ever.evictor(timeEvictor(30)).aggregate({ n: count() }));
    const near = deltaEvictor<Event>({ threshold: 20, delta: (e, last) => last.n - e.n, after: true });
    out(
      'delta',
      keyed
        .window(tumbling(150))
        .evictor(near)
        .process<number>((events, ctx) => ctx.emit(events.length)),
    );
  },
  'the end of the stream, and windows of one’s own': ({ a }, out) => {
    out(
      'end',
      a
        .keyBy((e) => e.key)
        .window(globalWindow({ firesAt: 'endOfStream' }))
        .aggregate({ n: count() }),
    );
    const shift = customWindow<Event, 'event'>({
      name: 'shift',
      time: 'event',
      assign: (e, time) => [{ start: time - (e.n % 10), end: time - (e.n % 10) + 40 }],
    });
    out(
      'custom',
      a
        .keyBy((e) => e.n % 3)
        .window(shift)
        .aggregate({ n: count() }),
    );
  },
  'window functions with state of their own': ({ a }, out) => {
    const rows = a
      .keyBy((e) => e.key)
      .window(tumbling(100))
      .allowedLateness(80)
      .aggregate(
        { n: count() },
        {
          windowState: { firings: valueState<number>({ initial: () => 0 }) },
          keyState: { total: valueState<number>({ initial: () => 0 }) },
          emits: typed<string>(),
          process({ n }, ctx) {
            ctx.windowState.firings.update((f) => f + 1);
            ctx.keyState.total.update((t) => t + 1);
            ctx.emit(`${ctx.key} ${n} ${ctx.windowState.firings.get()} ${ctx.keyState.total.get()}`);
          },
          clear: (ctx) => ctx.side(cleared, `${ctx.key} ${ctx.window.start} ${ctx.windowState.firings.get()}`),
        },
      );
    out('rows', rows);
    out('cleared', rows.side(cleared));
  },
  'process functions with state, timers and a side output': ({ a }, out) => {
    const rows = a
      .keyBy((e) => e.key)
      .process({
        state: { events: listState<number>(), byParity: mapState<boolean, number>() },
        emits: typed<string>(),
        onRecord(e, ctx) {
          ctx.state.events.add(e.n);
          ctx.state.byParity.update(e.n % 2 === 0, (n) => (n ?? 0) + 1);
          if (e.n % 2 === 1) ctx.side(odd, `${ctx.key} ${e.n}`);
          ctx.registerEventTimer(Math.floor(e.time / 50) * 50 + 49);
          if (e.n % 5 === 0) ctx.deleteEventTimer(Math.floor(e.time / 50) * 50 + 49);
        },
        onEventTimer(time, ctx) {
          ctx.emit(
            `${ctx.key} ${time} ${ctx.state.events.get().join('+')} ${[...ctx.state.byParity.values()].join('/')}`,
          );
          ctx.state.events.clear();
          if (time % 100 === 49) ctx.registerEventTimer(time + 10);
        },
      });
    out('rows', rows);
    out('odd', rows.side(odd));
    out('windows behind', rows.windowAll(tumbling(100)).aggregate({ n: count() }));
  },
  'two inputs with one state': ({ a, b }, out) => {
    const rows = a
      .keyBy((e) => e.key)
      .connect(b.keyBy((e) => e.key))
      .process({
        state: { sum: valueState<number>({ initial: () => 0 }) },
        emits: typed<string>(),
        onRecord1(e, ctx) {
          ctx.state.sum.update((s) => s + e.n);
          ctx.registerEventTimer(e.time + 30);
        },
        onRecord2: (_e, ctx) => ctx.state.sum.update((s) => s - 1),
        onEventTimer: (time, ctx) => ctx.emit(`${ctx.key} ${time} ${ctx.state.sum.get()} ${ctx.watermark >= time}`),
      });
    out('rows', rows);
  },
  'running totals, dedupe and keys by value': ({ a }, out) => {
    const keyed = a.keyBy((e) => ({ key: e.key, even: e.n % 2 === 0 }));
    out('totals', keyed.aggregate({ n: count(), s: sum((e) => e.n) }));
    out(
      'reduced',
      keyed.reduce((x, y) => (x.n >= y.n ? x : y)),
    );
    out('unique', keyed.dedupe({ by: (e) => [e.n % 7], within: 60 }));
    out('windows', keyed.window(tumbling(90)).aggregate({ n: count() }));
  },
  'timestamps given anew in the middle': ({ a }, out) => {
    const later = a
      .map((e) => ({ ...e, time: e.time + 1_000 }))
      .assignTimestamps(boundedOutOfOrderness(30, (e) => e.time));
    out(
      'rows',
      later
        .keyBy((e) => e.key)
        .window(tumbling(50))
        .aggregate({ n: count() }),
    );
    const windows = a.keyBy((e) => e.key).window(tumbling(40));
    const counts = windows.aggregate({ n: count() }, (r) => ({ key: r.key, n: r.value.n, time: r.window.start }));
    const again = counts.assignTimestamps(boundedOutOfOrderness(10, (r) => r.time));
    out('again', again.windowAll(session(30)).aggregate({ s: sum((r) => r.n) }));
  },
};
