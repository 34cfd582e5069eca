import { seededRandom } from '../../internal/seeded-random.ts';
import type { StateBackend, TimerQueue } from '../../model/index.ts';
import { requireSame } from './contract-case.ts';

type MakeBackend = (operatorId: string) => StateBackend;
type Case = readonly [name: string, check: (make: MakeBackend) => void];

/** Timers: order, deduplication, deletion. */
export const timerCases: readonly Case[] = [
  ['knows no timer at first', empty],
  ['gives timers by time, equal ones in order of registration', ordered],
  ['registers a timer of one time and namespace once (R25)', deduplicates],
  ['gives a timer at its own time, not before (R22)', dueAtItsTime],
  ['deletes a timer, and only that one', deletes],
  ['registers anew what was taken or deleted', again],
  ['keeps order among many timers set, deleted and taken at random', many],
];

function empty(make: MakeBackend): void {
  const timers = make('op').timers('t');
  requireSame([timers.earliest, timers.size, timers.takeDue(Infinity)], [Infinity, 0, undefined], 'an empty queue');
}

function ordered(make: MakeBackend): void {
  const timers = make('op').timers('t');
  for (const [time, namespace] of [
    [5, 1],
    [-3, 2],
    [5, 0],
    [4, 9],
  ] as const)
    timers.register(time, namespace);
  requireSame([timers.earliest, timers.size], [-3, 4], 'earliest and size');
  requireSame(takeAll(timers, Infinity), [2, 9, 1, 0], 'namespaces in order');
  requireSame([timers.earliest, timers.size], [Infinity, 0], 'earliest and size in the end');
}

function deduplicates(make: MakeBackend): void {
  const timers = make('op').timers('t');
  for (let i = 0; i < 3; i++) timers.register(7, 1);
  timers.register(7, 2);
  timers.register(8, 1);
  requireSame(timers.size, 3, 'size');
  requireSame(takeAll(timers, Infinity), [1, 2, 1], 'namespaces');
}

function dueAtItsTime(make: MakeBackend): void {
  const timers = make('op').timers('t');
  timers.register(9, 1);
  requireSame(timers.takeDue(8), undefined, 'a timer before its time');
  requireSame(timers.takeDue(9), 1, 'a timer at its time');
  requireSame(timers.takeDue(9), undefined, 'a timer that was taken');
}

function deletes(make: MakeBackend): void {
  const timers = make('op').timers('t');
  for (const namespace of [1, 2, 3]) timers.register(5, namespace);
  timers.register(1, 1);
  timers.delete(1, 1);
  timers.delete(5, 2);
  timers.delete(5, 7);
  timers.delete(6, 1);
  requireSame([timers.earliest, timers.size], [5, 2], 'earliest and size');
  requireSame(takeAll(timers, Infinity), [1, 3], 'namespaces');
}

function again(make: MakeBackend): void {
  const timers = make('op').timers('t');
  timers.register(5, 1);
  timers.delete(5, 1);
  timers.register(5, 1);
  requireSame(takeAll(timers, 5), [1], 'a timer set again after it was deleted');
  timers.register(5, 1);
  requireSame([timers.earliest, timers.size], [5, 1], 'a timer set again after it was taken');
  requireSame(takeAll(timers, 5), [1], 'a timer set again after it was taken');
}

function many(make: MakeBackend): void {
  const timers = make('op').timers('t');
  const random = seededRandom(20260101);
  const live = new Map<string, readonly [time: number, namespace: number]>();
  for (let i = 0; i < 5_000; i++) {
    const [time, namespace] = [Math.floor(random.next() * 200), Math.floor(random.next() * 5)];
    if (random.next() < 0.6) {
      timers.register(time, namespace);
      live.set(`${time}/${namespace}`, [time, namespace]);
    } else {
      timers.delete(time, namespace);
      live.delete(`${time}/${namespace}`);
    }
    requireSame(timers.size, live.size, 'size');
  }
  for (let until = 0; until < 200; until += 7) {
    const due = [...live.values()].filter(([time]) => time <= until);
    requireSame(takeAll(timers, until).sort(), due.map(([, namespace]) => namespace).sort(), `timers due at ${until}`);
    for (const [time, namespace] of due) live.delete(`${time}/${namespace}`);
    requireSame(timers.earliest, Math.min(...[...live.values()].map(([time]) => time)), 'earliest');
  }
}

function takeAll(timers: TimerQueue, until: number): number[] {
  const taken: number[] = [];
  for (let next = timers.takeDue(until); next !== undefined; next = timers.takeDue(until)) taken.push(next);
  return taken;
}
