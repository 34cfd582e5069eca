import { seededRandom } from '../../internal/seeded-random.ts';
import type { CutKind, KeyedStore, SliceStore, StateBackend, StateCut, StateSnapshot } from '../../model/index.ts';
import { requireSame, requireThat, requireThrows } from './contract-case.ts';

type MakeBackend = (operatorId: string) => StateBackend;
type Case = readonly [name: string, check: (make: MakeBackend) => void];

/** Cuts of state that goes on changing, and what is loaded from them. */
export const cutCases: readonly Case[] = [
  ['loads from a chain of cuts what was there at the last one, whatever changed while they were written', chains],
  ['loads the key groups of two backends into one', deals],
  ['writes nothing into a delta when nothing has changed', emptyDelta],
  ['writes no entry for a key that came and went between two cuts', cameAndWent],
  ['loads a key that went and came again within one cut', wentAndCame],
  ['goes on with deltas upon what was loaded', goesOn],
  ['does not take entries of a slice that was dropped for those of a later one', droppedSlices],
  ['names state and key of what cannot be written', namesUnwritable],
  ['refuses bytes that no cut wrote', refusesForeign],
];

/** Entries of one cut, by state and key group, as a segment file keeps them. */
type Written = Map<string, Map<number, number[]>>;

class Operator {
  readonly backend: StateBackend;
  readonly keyed: KeyedStore<unknown, unknown>;
  readonly slices: SliceStore<unknown>;

  constructor(make: MakeBackend) {
    this.backend = make('op');
    this.keyed = this.backend.keyedStore('keyed', { toValue: (entry) => entry, fromValue: (value) => value });
    this.slices = this.backend.sliceStore('slices', { numbers: [0], objects: [() => null] });
    this.backend.timers('timers');
    this.backend.cell('cell', 0);
  }

  put(start: number, key: unknown, number: number): void {
    const slice = this.slices.create(start, start + 10);
    const row = slice.upsert(key);
    slice.numbersOf(row)[slice.numbersAt(row)] = number;
    slice.objectsOf(row)[slice.objectsAt(row)] = { number };
    slice.records++;
  }

  begin(kind: CutKind): { readonly cut: StateCut; readonly written: Written } {
    const written: Written = new Map();
    const cut = this.backend.cut(kind, (state) => {
      const groups = new Map<number, number[]>();
      written.set(state, groups);
      return {
        entry(keyGroup, bytes, length) {
          const group = groups.get(keyGroup) ?? [];
          groups.set(keyGroup, group);
          for (let i = 0; i < length; i++) group.push(bytes[i] as number);
        },
      };
    });
    return { cut, written };
  }

  write(kind: CutKind): { readonly cut: StateCut; readonly written: Written } {
    const begun = this.begin(kind);
    while (!begun.cut.step(3));
    return begun;
  }

  load(cut: StateCut, chain: readonly Written[], wanted: (keyGroup: number) => boolean = () => true): void {
    this.backend.loadSmall(structuredClone(cut.small));
    chain.forEach((written, index) => {
      for (const [state, groups] of written) {
        for (const [keyGroup, bytes] of groups) {
          if (wanted(keyGroup)) this.backend.loadEntries(state, Uint8Array.from(bytes), index);
        }
      }
    });
    this.backend.loaded();
  }
}

function chains(make: MakeBackend): void {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed);
    const below = (n: number): number => Math.floor(random.next() * n);
    const operator = new Operator(make);
    let chain: Written[] = [];
    for (let round = 0; round < 6; round++) {
      changeSome(operator, below, 60);
      const kind = round === 0 || below(4) === 0 ? 'full' : 'delta';
      const expected = operator.backend.snapshot();
      const { cut, written } = operator.begin(kind);
      for (let done = false; !done;) {
        changeSome(operator, below, below(8));
        done = cut.step(1 + below(6));
      }
      chain = kind === 'full' ? [written] : [...chain, written];
      const loaded = new Operator(make);
      loaded.load(cut, chain);
      requireSame(
        sorted(loaded.backend.snapshot()),
        sorted(expected),
        `what was loaded in round ${round}, seed ${seed}`,
      );
      requireSame(rowOrder(loaded), rowOrder(expected), `order of rows in round ${round}, seed ${seed}`);
    }
  }
}

function changeSome(operator: Operator, below: (n: number) => number, changes: number): void {
  for (let i = 0; i < changes; i++) {
    const key = below(2) === 0 ? `k${below(40)}` : below(40);
    switch (below(8)) {
      case 0:
        operator.keyed.delete(key);
        break;
      case 1:
        operator.slices.drop(10 * below(5));
        break;
      case 2:
        undoneRow(operator, `new${below(1e9)}`);
        break;
      case 3:
      case 4: {
        const list = operator.keyed.edit(key) as number[] | undefined;
        if (list === undefined) operator.keyed.put(key, [below(100)]);
        else list.push(below(100));
        break;
      }
      default:
        operator.put(10 * below(5), key, below(1000));
    }
  }
}

/** As an aggregate does that throws on the first record of a key. */
function undoneRow(operator: Operator, key: unknown): void {
  const slice = operator.slices.get(0);
  if (slice === undefined || slice.find(key) >= 0) return;
  slice.upsert(key);
  slice.removeLast();
}

function deals(make: MakeBackend): void {
  const operator = new Operator(make);
  for (let i = 0; i < 300; i++) operator.put(10 * (i % 2), i, i);
  for (let i = 0; i < 300; i++) operator.keyed.put(`k${i}`, i);
  const { cut, written } = operator.write('full');
  const halves = [0, 1].map((half) => {
    const part = new Operator(make);
    part.load(cut, [written], (keyGroup) => keyGroup % 2 === half);
    return part;
  });
  const [a, b] = halves as [Operator, Operator];
  requireSame(a.keyed.size + b.keyed.size, 300, 'keys of both halves');
  requireThat(a.keyed.size > 100 && b.keyed.size > 100, 'each half has its share');
  const whole = new Operator(make);
  for (const half of halves) {
    const again = half.write('full');
    whole.load(again.cut, [again.written]);
  }
  const bare = ({ states }: StateSnapshot): unknown => states.map((state) => ('entries' in state ? state.entries : 0));
  requireSame(
    bare(sorted(whole.backend.snapshot())),
    bare(sorted(operator.backend.snapshot())),
    'two halves put together',
  );
}

function emptyDelta(make: MakeBackend): void {
  const operator = new Operator(make);
  operator.put(0, 'a', 1);
  operator.keyed.put('a', 1);
  operator.write('full');
  requireSame(entriesIn(operator.write('delta').written), 0, 'bytes of a delta without changes');
}

function cameAndWent(make: MakeBackend): void {
  const operator = new Operator(make);
  operator.write('full');
  operator.keyed.put('short', 1);
  operator.keyed.delete('short');
  requireSame(entriesIn(operator.write('delta').written), 0, 'bytes of a key that came and went');
}

function wentAndCame(make: MakeBackend): void {
  const operator = new Operator(make);
  operator.keyed.put('key', 1);
  const full = operator.write('full');
  operator.keyed.delete('key');
  operator.keyed.put('key', 2);
  const { cut, written } = operator.begin('delta');
  // Written early, before the end of the first one is.
  operator.keyed.put('key', 3);
  while (!cut.step(1));
  const loaded = new Operator(make);
  loaded.load(cut, [full.written, written]);
  requireSame(loaded.keyed.get('key'), 2, 'the key');
}

function goesOn(make: MakeBackend): void {
  const first = new Operator(make);
  for (let i = 0; i < 20; i++) first.put(0, i, i);
  for (let i = 0; i < 20; i++) first.keyed.put(i, i);
  const full = first.write('full');
  const second = new Operator(make);
  second.load(full.cut, [full.written]);
  second.put(0, 3, 33);
  second.keyed.delete(4);
  second.keyed.put(5, 55);
  const delta = second.write('delta');
  const third = new Operator(make);
  third.load(delta.cut, [full.written, delta.written]);
  requireSame(sorted(third.backend.snapshot()), sorted(second.backend.snapshot()), 'a delta upon what was loaded');
  requireThat(entriesIn(delta.written) < entriesIn(full.written) / 4, 'a delta holds what has changed only');
}

function droppedSlices(make: MakeBackend): void {
  const first = new Operator(make);
  first.put(0, 'key', 1);
  const full = first.write('full');
  first.slices.drop(0);
  const delta = first.write('delta');
  const second = new Operator(make);
  second.load(delta.cut, [full.written, delta.written]);
  second.put(10, 'other', 2);
  const more = second.write('delta');
  const third = new Operator(make);
  third.load(more.cut, [full.written, delta.written, more.written]);
  requireSame(sorted(third.backend.snapshot()), sorted(second.backend.snapshot()), 'a slice made after a restore');
}

function namesUnwritable(make: MakeBackend): void {
  const operator = new Operator(make);
  operator.keyed.put('bad key', { f: () => 1 });
  try {
    operator.write('full');
  } catch (error) {
    const message = String(error);
    requireThat(
      message.includes('keyed') && message.includes('bad key') && message.includes('f'),
      `named in ${message}`,
    );
    return;
  }
  requireThat(false, 'a function in state is refused');
}

function refusesForeign(make: MakeBackend): void {
  const operator = new Operator(make);
  requireThrows(
    () => operator.backend.loadEntries('keyed', Uint8Array.of(7, 1, 65, 9, 0), 0),
    'STATE_CORRUPT',
    'kind 9',
  );
  requireThrows(() => operator.backend.loadEntries('keyed', Uint8Array.of(7, 9, 65), 0), 'STATE_CORRUPT', 'cut short');
  requireThrows(() => operator.backend.loadEntries('none', new Uint8Array(0), 0), 'STATE_MISMATCH', 'unknown state');
  requireThrows(() => operator.backend.loadEntries('timers', new Uint8Array(0), 0), 'STATE_MISMATCH', 'other kind');
}

function entriesIn(written: Written): number {
  let bytes = 0;
  for (const groups of written.values()) for (const group of groups.values()) bytes += group.length;
  return bytes;
}

/** Entries of keyed stores come back in another order. */
function sorted(snapshot: StateSnapshot): StateSnapshot {
  const text = (value: unknown): string => JSON.stringify(value);
  const states = snapshot.states.map((state) => {
    if (!('entries' in state)) return state;
    const entries = state.entries.map((entry) => ({ ...entry, key: [...entry.key] }));
    entries.sort((a, b) => (text(a) < text(b) ? -1 : 1));
    return { ...state, entries };
  });
  return { version: 1, states } as unknown as StateSnapshot;
}

/** Keys by slice, in the order in which they would fire. */
function rowOrder(from: Operator | StateSnapshot): unknown {
  const { states } = from instanceof Operator ? from.backend.snapshot() : from;
  const slices = states.find(({ name }) => name === 'slices');
  requireThat(slices?.kind === 'slices', 'the snapshot has slices');
  return slices.entries.map((entry) => [entry.slice, String(entry.key)]);
}
