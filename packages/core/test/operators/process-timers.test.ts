import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTimers, type TimerClock } from '../../src/operators/process/key-timers.ts';
import { HeapBackend } from '../../src/state/index.ts';

/** Timers of keys, and the same as a plain list. */
function timersOn(backend: HeapBackend): KeyTimers {
  return new KeyTimers(backend);
}

/** How many entries the index of event timers has. Private, and where else would it show but in the memory? */
function entriesOf(timers: KeyTimers): number {
  const { event } = (timers as unknown as { index: { event: { buckets: Map<number, { owners: unknown[] }> } } }).index;
  return [...event.buckets.values()].reduce((n, { owners }) => n + owners.length, 0);
}

const KEYS = ['a', 'b', 'c'] as const;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constantFrom('register' as const, 'delete' as const),
      clock: fc.constantFrom<TimerClock>('event', 'processing'),
      key: fc.constantFrom(...KEYS),
      time: fc.integer({ min: -5, max: 30 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('fire' as const),
      clock: fc.constantFrom<TimerClock>('event', 'processing'),
      until: fc.integer({ min: -5, max: 30 }),
      // What the first callback does meanwhile, to the key of its timer.
      again: fc.option(fc.integer({ min: -5, max: 40 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'restore' as const }) },
);

describe('timers of keys', () => {
  it('R25: fire once per key and time, in the order of time, whatever was registered, deleted and restored in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let backend = new HeapBackend('timers');
        let timers = timersOn(backend);
        const model = { event: new Set<string>(), processing: new Set<string>() };
        const due = (clock: TimerClock, until: number): [string, number][] =>
          [...model[clock]]
            .map((timer) => timer.split('@'))
            .map(([key, time]): [string, number] => [key as string, Number(time)])
            .filter(([, time]) => time <= until)
            .sort((a, b) => a[1] - b[1]);
        for (const one of steps) {
          if (one.what === 'restore') {
            const snapshot = backend.snapshot();
            backend = new HeapBackend('timers');
            timers = timersOn(backend);
            backend.restore(snapshot);
          } else if (one.what === 'fire') {
            let { again } = one;
            for (;;) {
              const [earliest] = due(one.clock, one.until);
              const fired: [string, number][] = [];
              const was = timers.fireNext(one.clock, one.until, (key, time) => {
                fired.push([key as string, time]);
                model[one.clock].delete(`${String(key)}@${time}`);
                if (again === undefined) return;
                timers.register(one.clock, key, again);
                model[one.clock].add(`${String(key)}@${again}`);
                again = undefined;
              });
              expect(was).toBe(earliest !== undefined);
              if (earliest === undefined) break;
              // Ties between keys may come in any order.
              expect(fired.map(([, time]) => time)).toEqual([earliest[1]]);
            }
          } else {
            timers[one.what](one.clock, one.key, one.time);
            if (one.what === 'register') model[one.clock].add(`${one.key}@${one.time}`);
            else model[one.clock].delete(`${one.key}@${one.time}`);
          }
          for (const clock of ['event', 'processing'] as const) {
            expect(timers.earliest(clock)).toBe(due(clock, Infinity)[0]?.[1] ?? Infinity);
          }
        }
        const keys = new Set([...model.event, ...model.processing].map((timer) => timer.split('@')[0]));
        const [state] = backend.snapshot().states;
        expect(state?.kind === 'keyed' && state.entries.length).toBe(keys.size);
      }),
      { numRuns: 500 },
    );
  });

  it('time-outs that are set and taken back leave the index small', () => {
    const backend = new HeapBackend('timers');
    const timers = timersOn(backend);
    timers.register('event', 'first', 0);
    for (let i = 1; i <= 100_000; i++) {
      timers.register('event', i % 10, 1_000_000 + i);
      timers.delete('event', i % 10, 1_000_000 + i);
      timers.register('event', 'daily', 2_000_000);
      timers.register('event', 'daily', 1000 + i);
      timers.delete('event', 'daily', 1000 + i);
    }
    expect(entriesOf(timers)).toBeLessThan(500);
    const fired: unknown[] = [];
    while (timers.fireNext('event', 3_000_000, (key, time) => fired.push([key, time])));
    expect(fired).toEqual([
      ['first', 0],
      ['daily', 2_000_000],
    ]);
    expect(backend.snapshot().states).toMatchObject([{ entries: [] }]);
  });
});
