import type { OperatorCell, SliceStore, StateBackend, StateSnapshot, TimerQueue } from '../../model/index.ts';
import { requireSame, requireThat, requireThrows } from './contract-case.ts';
import { nastyKeys, nastyValues } from './nasty-values.ts';

type MakeBackend = (operatorId: string) => StateBackend;
type Case = readonly [name: string, check: (make: MakeBackend) => void];

/** Snapshots and restores. */
export const snapshotCases: readonly Case[] = [
  ['restores a snapshot into a fresh backend, which then is equal', restoresEqual],
  ['goes on from a restored snapshot as the original does', goesOn],
  ['restores what is empty', restoresEmpty],
  ['makes snapshots that later changes do not touch', snapshotsAreStill],
  ['makes snapshots of plain data', snapshotsArePlain],
  ['keeps every key through a snapshot', keysSurvive],
  ['keeps every value of an object cell through a snapshot', valuesSurvive],
  ['refuses to write a function or a symbol, naming the state', refusesUnencodable],
  ['refuses a snapshot with a state that was not registered', refusesUnknown],
  ['refuses a snapshot with a state of another kind', refusesOtherKind],
  ['refuses entries that are longer or shorter than the layout', refusesOtherLayout],
  ['gives equal keys equal key groups below 128', keyGroups],
];

interface Operator {
  readonly backend: StateBackend;
  readonly slices: SliceStore<unknown>;
  readonly timers: TimerQueue;
  readonly cell: OperatorCell<number>;
}

const LAYOUT = { numbers: [0, 1], objects: [() => null] };

function operator(make: MakeBackend): Operator {
  const backend = make('op');
  const slices = backend.sliceStore<unknown>('slices', LAYOUT);
  return { backend, slices, timers: backend.timers('timers'), cell: backend.cell<number>('cell', 0) };
}

/** Two slices, the first over more than one page. */
function filled(make: MakeBackend): Operator {
  const made = operator(make);
  for (const [start, keys] of [
    [-10, 1_030],
    [0, 3],
  ] as const) {
    const slice = made.slices.create(start, start + 10);
    slice.records = 2 * keys;
    for (let key = 0; key < keys; key++) put(made.slices, start, `k${key}`, key, { last: key });
  }
  for (const [time, namespace] of [
    [9, 0],
    [-1, -10],
    [9, -10],
  ] as const)
    made.timers.register(time, namespace);
  made.cell.set(42);
  return made;
}

function put(store: SliceStore<unknown>, start: number, key: unknown, number: number, object: unknown): void {
  const slice = store.create(start, start + 10);
  const row = slice.upsert(key);
  slice.numbersOf(row)[slice.numbersAt(row)] = number;
  slice.objectsOf(row)[slice.objectsAt(row)] = object;
}

function restored(make: MakeBackend, snapshot: StateSnapshot): Operator {
  const made = operator(make);
  made.backend.restore(structuredClone(snapshot));
  return made;
}

function restoresEqual(make: MakeBackend): void {
  const before = filled(make);
  const snapshot = before.backend.snapshot();
  const after = restored(make, snapshot);
  requireSame(after.backend.snapshot(), snapshot, 'a snapshot of what was restored');
  requireSame(contents(after.slices), contents(before.slices), 'slices');
  requireSame([after.timers.earliest, after.timers.size, after.cell.get()], [-1, 3, 42], 'timers and cell');
}

function goesOn(make: MakeBackend): void {
  const before = filled(make);
  const after = restored(make, before.backend.snapshot());
  for (const { slices, timers, cell } of [before, after]) {
    put(slices, 0, 'k1', 99, 'changed');
    put(slices, 0, 'new', 100, 'new');
    slices.drop(-10);
    timers.takeDue(-1);
    timers.register(9, 0);
    cell.set(cell.get() + 1);
  }
  requireSame(contents(after.slices), contents(before.slices), 'slices after going on');
  requireSame([after.timers.earliest, after.timers.size, after.cell.get()], [9, 2, 43], 'timers and cell');
}

function restoresEmpty(make: MakeBackend): void {
  const snapshot = operator(make).backend.snapshot();
  const after = restored(make, snapshot);
  requireSame([after.slices.size, after.timers.size, after.cell.get()], [0, 0, 0], 'restored from nothing');
}

function snapshotsAreStill(make: MakeBackend): void {
  const { backend, slices, timers, cell } = filled(make);
  const snapshot = backend.snapshot();
  const copy = structuredClone(snapshot);
  for (let key = 0; key < 2_000; key++) put(slices, 0, `k${key}`, -1, 'changed');
  slices.drop(-10);
  timers.takeDue(Infinity);
  cell.set(-1);
  requireSame(snapshot, copy, 'a snapshot after changes');
}

function snapshotsArePlain(make: MakeBackend): void {
  const snapshot = filled(make).backend.snapshot();
  const encode = (value: unknown): unknown => (value instanceof Uint8Array ? [...value] : value);
  const asJson = (value: unknown): string => JSON.stringify(value, (_name, field: unknown) => encode(field));
  requireSame(asJson(structuredClone(snapshot)), asJson(snapshot), 'a copy by structuredClone');
  requireSame(snapshot.version, 1, 'version');
  requireSame(
    snapshot.states.map(({ name, kind }) => [name, kind]),
    [
      ['slices', 'slices'],
      ['timers', 'timers'],
      ['cell', 'cell'],
    ],
    'states',
  );
}

function keysSurvive(make: MakeBackend): void {
  const before = operator(make);
  nastyKeys.forEach((key, i) => put(before.slices, 0, key, i, i));
  put(before.slices, 10, -0, 1, 1);
  const after = restored(make, before.backend.snapshot());
  const slice = after.slices.create(0, 10);
  requireSame(slice.size, nastyKeys.length, 'number of keys');
  nastyKeys.forEach((key, i) => {
    const row = slice.upsert(key);
    requireSame(slice.numbersOf(row)[slice.numbersAt(row)], i, `cell of key ${JSON.stringify(key)}`);
  });
  requireSame([slice.size, after.slices.create(10, 20).upsert(0)], [nastyKeys.length, 0], 'no key is new; -0 is 0');
}

function valuesSurvive(make: MakeBackend): void {
  const before = operator(make);
  nastyValues.forEach((value, i) => put(before.slices, 0, i, i % 2 === 0 ? NaN : -0, value));
  const slice = restored(make, before.backend.snapshot()).slices.create(0, 10);
  nastyValues.forEach((value, i) => {
    const row = slice.upsert(i);
    requireSame(slice.objectsOf(row)[slice.objectsAt(row)], value, `value ${i}`);
    requireSame(slice.numbersOf(row)[slice.numbersAt(row)], i % 2 === 0 ? NaN : -0, `number ${i}`);
  });
  requireThat(!('polluted' in {}), 'no prototype was changed');
}

function refusesUnencodable(make: MakeBackend): void {
  for (const value of [() => 0, Symbol('x'), { deep: [() => 0] }]) {
    const { backend, slices } = operator(make);
    put(slices, 0, 'k', 1, value);
    requireThrows(() => backend.snapshot(), 'STATE_UNENCODABLE', 'a snapshot of a function or symbol');
  }
}

function refusesUnknown(make: MakeBackend): void {
  const snapshot = filled(make).backend.snapshot();
  const other = make('op');
  other.sliceStore('slices', LAYOUT);
  other.timers('timers');
  requireThrows(() => other.restore(snapshot), 'STATE_MISMATCH', 'a snapshot with an unknown cell');
}

function refusesOtherKind(make: MakeBackend): void {
  const snapshot = filled(make).backend.snapshot();
  const other = make('op');
  other.sliceStore('slices', LAYOUT);
  other.cell('timers', 0);
  other.timers('cell');
  requireThrows(() => other.restore(snapshot), 'STATE_MISMATCH', 'a snapshot with timers for a cell');
}

function refusesOtherLayout(make: MakeBackend): void {
  const snapshot = filled(make).backend.snapshot();
  for (const layout of [
    { numbers: [0], objects: LAYOUT.objects },
    { numbers: [0, 0, 0, 0, 0], objects: [] },
  ]) {
    const other = make('op');
    other.sliceStore('slices', layout);
    other.timers('timers');
    other.cell('cell', 0);
    requireThrows(() => other.restore(snapshot), undefined, 'entries of another layout');
  }
}

function keyGroups(make: MakeBackend): void {
  const { backend, slices } = operator(make);
  for (const start of [0, 10]) for (const key of nastyKeys) put(slices, start, key, 0, null);
  const groups = new Map<string, number>();
  const saved = backend.snapshot().states.find((state) => state.kind === 'slices');
  for (const { key, keyGroup } of saved?.kind === 'slices' ? saved.entries : []) {
    requireThat(Number.isInteger(keyGroup) && keyGroup >= 0 && keyGroup < 128, `key group ${keyGroup} is 0 to 127`);
    const known = groups.get(key.join());
    requireThat(known === undefined || known === keyGroup, 'one key has one key group');
    groups.set(key.join(), keyGroup);
  }
  requireSame(groups.size, nastyKeys.length, 'number of different encoded keys');
}

/** All entries, whatever the order of rows. */
function contents(store: SliceStore<unknown>): unknown {
  return [...store.slices()].map((slice) => {
    const rows = Array.from({ length: slice.size }, (_, row) => [
      String(slice.keyAt(row)),
      [...slice.numbersOf(row).subarray(slice.numbersAt(row), slice.numbersAt(row) + LAYOUT.numbers.length)],
      slice.objectsOf(row)[slice.objectsAt(row)],
    ]);
    rows.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
    return { start: slice.start, end: slice.end, records: slice.records, rows };
  });
}
