import type { Slice, SliceLayout, StateBackend } from '../../model/index.ts';
import { requireSame, requireThat } from './contract-case.ts';
import { nastyKeys } from './nasty-values.ts';

type MakeBackend = (operatorId: string) => StateBackend;
type Case = readonly [name: string, check: (make: MakeBackend) => void];

const LAYOUT: SliceLayout = { numbers: [0, Infinity, -0], objects: [() => null, () => []] };
/** More than three pages of 1024 rows. */
const MANY_KEYS = 3 * 1024 + 5;

/** Slices: rows, keys, cells. */
export const sliceCases: readonly Case[] = [
  ['numbers rows in the order in which keys are first seen', numbersRows],
  ['gives new rows the initial values, objects of their own', givesInitialValues],
  ['keeps rows and cells in place while a slice grows over many pages', growsOverPages],
  ['takes layouts of numbers only, of objects only, and of nothing', takesAnyLayout],
  ['tells keys apart as a Map does: NaN is one key, -0 is 0, "1" is not 1', tellsKeysApart],
  ['hands out slices by ascending start, each made once', ordersSlices],
  ['forgets a dropped slice', forgetsDropped],
];

function numbersRows(make: MakeBackend): void {
  const slice = make('op').sliceStore<string>('s', LAYOUT).create(0, 10);
  requireSame(
    ['b', 'a', 'b', 'c', 'a'].map((key) => slice.upsert(key)),
    [0, 1, 0, 2, 1],
    'rows',
  );
  requireSame(slice.size, 3, 'size');
  requireSame(
    [0, 1, 2].map((row) => slice.keyAt(row)),
    ['b', 'a', 'c'],
    'keys by row',
  );
  requireSame(slice.records, 0, 'records of a new slice');
}

function givesInitialValues(make: MakeBackend): void {
  const slice = make('op').sliceStore<string>('s', LAYOUT).create(0, 10);
  const [a, b] = [slice.upsert('a'), slice.upsert('b')];
  requireSame(numbersOf(slice, a), [0, Infinity, -0], 'numbers of a new row');
  requireSame(objectsOf(slice, b), [null, []], 'objects of a new row');
  (slice.objectsOf(a)[slice.objectsAt(a) + 1] as unknown[]).push('x');
  requireSame(objectsOf(slice, b), [null, []], 'objects of the other row');
}

function growsOverPages(make: MakeBackend): void {
  const slice = make('op').sliceStore<number>('s', LAYOUT).create(-10, 0);
  for (let key = 0; key < MANY_KEYS; key++) {
    const row = slice.upsert(key);
    slice.numbersOf(row)[slice.numbersAt(row)] = key;
    slice.numbersOf(row)[slice.numbersAt(row) + 2] = -key - 1;
    slice.objectsOf(row)[slice.objectsAt(row)] = `o${key}`;
  }
  requireSame(slice.size, MANY_KEYS, 'size');
  for (let key = 0; key < MANY_KEYS; key++) {
    const row = slice.upsert(key);
    requireSame(row, key, 'row of a known key');
    requireSame(slice.keyAt(row), key, 'key of the row');
    requireSame(numbersOf(slice, row), [key, Infinity, -key - 1], `numbers of row ${row}`);
    requireSame(objectsOf(slice, row), [`o${key}`, []], `objects of row ${row}`);
  }
}

function takesAnyLayout(make: MakeBackend): void {
  const backend = make('op');
  const layouts: readonly SliceLayout[] = [
    { numbers: [1, 2], objects: [] },
    { numbers: [], objects: [() => 'x'] },
    { numbers: [], objects: [] },
  ];
  layouts.forEach((layout, i) => {
    const slice = backend.sliceStore<number>(`s${i}`, layout).create(0, 10);
    for (let key = 0; key < MANY_KEYS; key++) slice.upsert(key);
    const last = slice.upsert(MANY_KEYS - 1);
    requireSame(last, MANY_KEYS - 1, 'row of the last key');
    const numbers = [...layout.numbers.keys()].map((n) => slice.numbersOf(last)[slice.numbersAt(last) + n]);
    requireSame(numbers, layout.numbers, 'numbers of the last row');
    const objects = layout.objects.map((_, n) => slice.objectsOf(last)[slice.objectsAt(last) + n]);
    requireSame(
      objects,
      layout.objects.map((create) => create()),
      'objects of the last row',
    );
  });
}

function tellsKeysApart(make: MakeBackend): void {
  const slice = make('op').sliceStore<unknown>('s', LAYOUT).create(0, 10);
  nastyKeys.forEach((key, i) => requireSame(slice.upsert(key), i, `row of new key ${JSON.stringify(key)}`));
  nastyKeys.forEach((key, i) => requireSame(slice.upsert(key), i, `row of known key ${JSON.stringify(key)}`));
  requireSame(slice.upsert(-0), slice.upsert(0), 'row of -0');
}

function ordersSlices(make: MakeBackend): void {
  const store = make('op').sliceStore<string>('s', LAYOUT);
  for (const start of [20, -10, 0, 10]) store.create(start, start + 10).records = start;
  requireThat(store.create(0, 10) === store.get(0), 'create gives the slice that is there already');
  requireSame(
    [...store.slices()].map(({ start, end }) => [start, end]),
    [
      [-10, 0],
      [0, 10],
      [10, 20],
      [20, 30],
    ],
    'slices',
  );
  requireSame(store.size, 4, 'number of slices');
  requireSame(store.get(5), undefined, 'a slice that was not made');
}

function forgetsDropped(make: MakeBackend): void {
  const store = make('op').sliceStore<string>('s', LAYOUT);
  const slice = store.create(0, 10);
  slice.upsert('a');
  slice.records = 1;
  store.drop(0);
  store.drop(10);
  requireSame(store.get(0), undefined, 'a dropped slice');
  const again = store.create(0, 10);
  requireSame([again.size, again.records, store.size], [0, 0, 1], 'a slice made again');
}

type Cells = Pick<Slice<unknown>, 'numbersOf' | 'numbersAt' | 'objectsOf' | 'objectsAt'>;

function numbersOf(slice: Cells, row: number): number[] {
  const at = slice.numbersAt(row);
  return [...slice.numbersOf(row).subarray(at, at + LAYOUT.numbers.length)];
}

function objectsOf(slice: Cells, row: number): unknown[] {
  const at = slice.objectsAt(row);
  return slice.objectsOf(row).slice(at, at + LAYOUT.objects.length);
}
