import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  sum,
  valueState,
  type StateTtl,
} from '../../src/index.ts';
import { stateKit } from './state-kit.ts';

const AFTER = 10;
const KEYS = ['a', 'b'];
const FIELDS = ['x', 'y', 'z'];

const specOf = (ttl: StateTtl) => ({
  value: valueState<number>({ ttl }),
  list: listState<number>({ ttl }),
  map: mapState<readonly [string], number>({ ttl }),
  reducing: reducingState<number>((a, b) => a + b, { ttl }),
  aggregating: aggregatingState(
    sum((n: number) => n),
    { ttl },
  ),
});
type Kit = ReturnType<typeof stateKit<ReturnType<typeof specOf>>>;

/** One thing that lives: everything it ever was, as a fool would keep it. */
interface Life {
  field: string;
  value: number;
  renewedAt: number;
}

/** The states of one key without any cleaning up: what has expired is left out when it is asked for. */
class NaiveStates {
  readonly lives: Record<'value' | 'list' | 'map' | 'reducing' | 'aggregating', Life[]> = {
    value: [],
    list: [],
    map: [],
    reducing: [],
    aggregating: [],
  };
  private readonly ttl: StateTtl;
  private readonly clock: Kit['clock'];

  constructor(ttl: StateTtl, clock: Kit['clock']) {
    this.ttl = ttl;
    this.clock = clock;
  }

  alive(name: keyof NaiveStates['lives'], read: boolean, field?: string): Life[] {
    const now = this.ttl.time === 'event' ? this.clock.watermark : this.clock.processingTime;
    const alive = this.lives[name].filter((life) => !(life.renewedAt + AFTER <= now));
    this.lives[name] = alive;
    const asked = alive.filter((life) => field === undefined || life.field === field);
    if (read && this.ttl.renewedBy === 'readAndWrite') {
      for (const life of asked) life.renewedAt = Math.max(life.renewedAt, this.now);
    }
    return asked;
  }

  add(name: keyof NaiveStates['lives'], value: number, field = ''): void {
    this.lives[name].push({ field, value, renewedAt: this.now });
  }

  put(name: keyof NaiveStates['lives'], value: number, field = ''): void {
    const known = this.alive(name, false, field)[0];
    if (known === undefined) this.add(name, value, field);
    else Object.assign(known, { value, renewedAt: this.now });
  }

  private get now(): number {
    return this.ttl.time === 'event' ? this.clock.eventTime : this.clock.processingTime;
  }
}

type Step = (states: ReturnType<Kit['of']>, naive: NaiveStates) => readonly [actual: unknown, expected: unknown];

const values = (lives: readonly Life[]): number[] => lives.map((life) => life.value);
const NOTHING = [undefined, undefined] as const;

/** One call of a state, on both sides. */
const call: fc.Arbitrary<Step> = fc
  .record({ what: fc.nat(17), n: fc.integer({ min: 1, max: 99 }), field: fc.constantFrom(...FIELDS) })
  .map(({ what, n, field }): Step => {
    const of = [field] as const;
    const steps: readonly Step[] = [
      (s, m) => [s.value.set(n), m.put('value', n)],
      (s, m) => [s.value.get(), m.alive('value', true)[0]?.value],
      (s, m) => {
        const before = m.alive('value', true)[0]?.value;
        s.value.update((v) => (v ?? 0) + n);
        m.put('value', (before ?? 0) + n);
        return NOTHING;
      },
      (s, m) => {
        s.value.clear();
        m.lives.value = [];
        return NOTHING;
      },
      (s, m) => [s.list.add(n), m.add('list', n)],
      (s, m) => [s.list.addAll([n, n + 1]), [n, n + 1].forEach((one) => m.add('list', one))],
      (s, m) => [s.list.get(), values(m.alive('list', true))],
      (s, m) => {
        s.list.set([n]);
        m.lives.list = [];
        m.add('list', n);
        return NOTHING;
      },
      (s, m) => [s.map.set(of, n), m.put('map', n, field)],
      (s, m) => [s.map.get(of), m.alive('map', true, field)[0]?.value],
      (s, m) => [s.map.has(of), m.alive('map', true, field).length > 0],
      (s, m) => [[...s.map.entries()], m.alive('map', true).map((life) => [[life.field], life.value])],
      (s, m) => [s.map.isEmpty, m.alive('map', false).length === 0],
      (s, m) => {
        s.map.delete(of);
        m.lives.map = m.lives.map.filter((life) => life.field !== field);
        return NOTHING;
      },
      (s, m) => {
        const before = m.alive('reducing', false)[0]?.value ?? 0;
        s.reducing.add(n);
        m.put('reducing', before + n);
        return NOTHING;
      },
      (s, m) => [s.reducing.get(), m.alive('reducing', true)[0]?.value],
      (s, m) => {
        const before = m.alive('aggregating', false)[0]?.value ?? 0;
        s.aggregating.add(n);
        m.put('aggregating', before + n);
        return NOTHING;
      },
      (s, m) => [s.aggregating.get(), m.alive('aggregating', true)[0]?.value],
    ];
    return steps[what] as Step;
  });

const script = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.record({ key: fc.constantFrom(...KEYS), call }) },
    {
      weight: 2,
      arbitrary: fc.record({ watermark: fc.integer({ min: 0, max: 6 }), ahead: fc.integer({ min: 0, max: 4 }) }),
    },
    { weight: 2, arbitrary: fc.record({ processingTime: fc.integer({ min: 0, max: 6 }) }) },
    { weight: 1, arbitrary: fc.constantFrom('sweep' as const, 'restore' as const) },
  ),
  { maxLength: 120, size: 'max' },
);

const TTLS: readonly StateTtl[] = (['event', 'processing'] as const).flatMap((time) =>
  (['write', 'readAndWrite'] as const).map((renewedBy) => ({ after: AFTER, time, renewedBy })),
);

describe.each(TTLS)('time to live by $time time, renewed by $renewedBy', (ttl) => {
  it('gives exactly what has not expired, whatever was cleaned up meanwhile; in the end nothing is left', () => {
    fc.assert(
      fc.property(script, (steps) => {
        let kit: Kit = stateKit(specOf(ttl));
        const { clock } = kit;
        Object.assign(clock, { watermark: 0, eventTime: 0 });
        const naive = new Map(KEYS.map((key) => [key, new NaiveStates(ttl, clock)]));
        for (const step of steps) {
          if (step === 'sweep') for (let i = 0; i < 3; i++) kit.sweep();
          else if (step === 'restore') kit = kit.restored();
          else if ('call' in step) {
            const [actual, expected] = step.call(kit.of(step.key), naive.get(step.key) as NaiveStates);
            expect(actual).toEqual(expected);
          } else if ('watermark' in step) {
            clock.watermark += step.watermark;
            clock.eventTime = clock.watermark + step.ahead;
          } else clock.processingTime += step.processingTime;
        }
        clock.watermark += 100;
        clock.processingTime += 100;
        for (let i = 0; i < 20; i++) kit.sweep();
        expect(kit.entries).toBe(0);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('the time to live of state', () => {
  const after = { ttl: { after: AFTER } };

  it('ends at the very millisecond: gone once last renewal + after <= now', () => {
    const kit = stateKit({ v: valueState<number>(after) });
    kit.clock.processingTime = 5;
    kit.of('a').v.set(1);
    kit.clock.processingTime = 14;
    expect(kit.of('a').v.get()).toBe(1);
    kit.clock.processingTime = 15;
    expect(kit.of('a').v.get()).toBeUndefined();
    expect(kit.entries).toBe(0);
  });

  it('is not renewed by reading unless it says so', () => {
    for (const renewedBy of ['write', 'readAndWrite'] as const) {
      const kit = stateKit({ v: valueState<number>({ ttl: { after: AFTER, renewedBy } }) });
      kit.of('a').v.set(1);
      kit.clock.processingTime = 9;
      kit.of('a').v.get();
      kit.clock.processingTime = 12;
      expect(kit.of('a').v.get()).toBe(renewedBy === 'write' ? undefined : 1);
    }
  });

  it('is one of each item of a list, and of each entry of a map', () => {
    const kit = stateKit({ l: listState<number>(after), m: mapState<string, number>(after) });
    const { l, m } = kit.of('a');
    l.add(1);
    m.set('x', 1);
    kit.clock.processingTime = 6;
    l.add(2);
    m.set('y', 2);
    kit.clock.processingTime = 10;
    expect(l.get()).toEqual([2]);
    expect([...m.entries()]).toEqual([['y', 2]]);
    expect(m.isEmpty).toBe(false);
    kit.clock.processingTime = 16;
    expect(m.isEmpty).toBe(true);
    expect(kit.entries).toBe(1);
    expect(l.get()).toEqual([]);
    expect(kit.entries).toBe(0);
  });

  it('an entry that is set again after its end is a new one, and the last in order', () => {
    const kit = stateKit({ m: mapState<string, number>(after) });
    kit.of('a').m.set('x', 1);
    kit.clock.processingTime = 5;
    kit.of('a').m.set('y', 2);
    kit.clock.processingTime = AFTER;
    kit.of('a').m.set('x', 3);
    expect([...kit.of('a').m.keys()]).toEqual(['y', 'x']);
  });

  it('gives the initial value again once it is over', () => {
    const kit = stateKit({ v: valueState({ ...after, initial: () => 7 }) });
    kit.of('a').v.set(1);
    kit.clock.processingTime = AFTER;
    expect(kit.of('a').v.get()).toBe(7);
  });

  it('by event time does not end where there is no event time', () => {
    const kit = stateKit({ v: valueState<number>({ ttl: { after: AFTER, time: 'event' } }) });
    kit.of('a').v.set(1);
    kit.clock.processingTime = 1e9;
    expect(kit.of('a').v.get()).toBe(1);
  });

  it('goes on from where it was after a restore', () => {
    const kit = stateKit({ v: valueState<number>(after) });
    kit.of('a').v.set(1);
    kit.clock.processingTime = 9;
    const again = kit.restored();
    expect(again.of('a').v.get()).toBe(1);
    kit.clock.processingTime = 10;
    expect(again.of('a').v.get()).toBeUndefined();
  });

  it('keys that never come back are cleaned up little by little', () => {
    const kit = stateKit({ l: listState<number>(after), v: valueState<number>() });
    for (let i = 0; i < 100; i++) kit.of(i).l.add(i);
    kit.of('kept').v.set(1);
    kit.clock.processingTime = AFTER;
    kit.of('alive').l.add(1);
    for (let i = 0; i < 52; i++) kit.sweep();
    expect(kit.entries).toBe(2);
    expect(kit.of('alive').l.get()).toEqual([1]);
  });
});
