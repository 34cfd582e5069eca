import type { StateBackend } from '../../model/index.ts';
import { requireSame, requireThrows, type ContractCase } from './contract-case.ts';
import { cellCases } from './state-cells.ts';
import { cutCases } from './state-cuts.ts';
import { sliceCases } from './state-slices.ts';
import { snapshotCases } from './state-snapshots.ts';
import { timerCases } from './state-timers.ts';

/** Makes an empty backend for one operator. */
export type MakeBackend = (operatorId: string) => StateBackend;

/**
 * The protocol of `StateBackend` as cases for any test framework.
 *
 * @param make makes a new, empty backend that tracks changes
 * @example
 * for (const { name, run } of stateBackendContract((id) => new MyBackend(id))) test(name, run);
 */
export function stateBackendContract(make: MakeBackend): readonly ContractCase[] {
  const cases = [...sliceCases, ...timerCases, ...cellCases, ...snapshotCases, ...cutCases, ...registrationCases];
  return cases.map(([name, check]) => ({
    name,
    // As a promise also where it throws at once.
    run: () => new Promise<void>((resolve) => resolve(check(make))),
  }));
}

const registrationCases: readonly (readonly [name: string, check: (make: MakeBackend) => void])[] = [
  [
    'refuses a second state of one name',
    (make) => {
      const backend = make('op');
      backend.timers('same');
      requireThrows(() => backend.timers('same'), undefined, 'the same name twice');
      requireThrows(() => backend.cell('same', 0), undefined, 'the same name for another kind');
      requireThrows(() => backend.sliceStore('same', { numbers: [], objects: [] }), undefined, 'the same name');
    },
  ],
  [
    'keeps the states of two operators apart',
    (make) => {
      const [a, b] = [make('a').cell<number>('n', 0), make('b').cell<number>('n', 0)];
      a.set(1);
      requireSame(b.get(), 0, 'cell of the other operator');
    },
  ],
];
