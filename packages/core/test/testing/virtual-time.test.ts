import { expect, test } from 'vitest';
import { VirtualTime } from '../../src/testing.ts';

test('time moves only when it is moved', () => {
  const time = new VirtualTime(1_000);
  expect([time.now(), time.monotonic()]).toEqual([1_000, 0]);
  time.advance(5);
  time.advanceTo(1_010);
  expect([time.now(), time.monotonic()]).toEqual([1_010, 10]);
  expect(() => time.advanceTo(1_009)).toThrow(/forward only/);
  expect(() => time.advance(-1)).toThrow(/forward only/);
});

test('timers fire in order of their time, equal ones in order of setting, at their own time', () => {
  const time = new VirtualTime();
  const fired: string[] = [];
  const note = (name: string) => () => void fired.push(`${name}@${time.now()}`);
  time.after(20, note('c'));
  time.after(10, note('a'));
  time.after(10, note('b'));
  time.after(10, note('cancelled')).cancel();
  time.after(15, () => time.after(1, note('nested')));
  expect(time.nextTimer).toBe(10);
  time.advance(100);
  expect(fired).toEqual(['a@10', 'b@10', 'nested@16', 'c@20']);
  expect([time.now(), time.nextTimer]).toEqual([100, Infinity]);
});

test('deferred tasks run when told to; what they defer waits for the next time', () => {
  const time = new VirtualTime();
  const ran: number[] = [];
  time.defer(() => {
    ran.push(1);
    time.defer(() => void ran.push(3));
  });
  time.defer(() => void ran.push(2));
  expect(time.runDeferred()).toBe(2);
  expect(ran).toEqual([1, 2]);
  expect(time.runDeferred()).toBe(1);
  expect(ran).toEqual([1, 2, 3]);
});

test('a timer that sets itself again at once is an error, not a hang', () => {
  const time = new VirtualTime();
  const again = (): void => void time.after(0, again);
  again();
  expect(() => time.advance(1)).toThrow(/sets itself/);
});
