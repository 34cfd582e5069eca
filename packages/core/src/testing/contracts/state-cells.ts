import type { JsonValue, StateBackend } from '../../model/index.ts';
import { requireSame } from './contract-case.ts';

type MakeBackend = (operatorId: string) => StateBackend;
type Case = readonly [name: string, check: (make: MakeBackend) => void];

/** Cells: one value per operator. */
export const cellCases: readonly Case[] = [
  [
    'gives the initial value of a cell until it is set',
    (make) => {
      const cell = make('op').cell<JsonValue>('c', { first: [1, 2] });
      requireSame(cell.get(), { first: [1, 2] }, 'the initial value');
      cell.set(null);
      requireSame(cell.get(), null, 'a value that was set');
    },
  ],
  [
    'restores cells, also one that was never set',
    (make) => {
      const values: readonly JsonValue[] = [0, -1.5, '', '\u{1F600}', true, null, [1, [2]], { a: { b: null } }];
      const before = make('op');
      values.forEach((value, i) => before.cell<JsonValue>(`c${i}`, 'initial').set(value));
      before.cell<JsonValue>('untouched', 'initial');
      const after = make('op');
      const cells = values.map((_, i) => after.cell<JsonValue>(`c${i}`, 'initial'));
      const untouched = after.cell<JsonValue>('untouched', 'other');
      after.restore(before.snapshot());
      requireSame(
        cells.map((cell) => cell.get()),
        values,
        'restored values',
      );
      requireSame(untouched.get(), 'initial', 'restored value of a cell that was never set');
    },
  ],
];
