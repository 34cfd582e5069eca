import { describe, expect, it } from 'vitest';
import { Partition, TURN_RECORDS } from '../../src/runtime/partition.ts';

describe('idleness of a live partition', () => {
  it('needs consecutive empty polls that span more than the time-out', () => {
    const partition = new Partition(0, '0', undefined);
    const idle = [0, 20, 40, 60, 80, 100, 101].map((now) => partition.polledNothing(now, true, 100));
    expect(idle).toEqual([false, false, false, false, false, false, true]);
  });

  it('a paused process has not polled: a gap starts the count again', () => {
    const partition = new Partition(0, '0', undefined);
    partition.polledNothing(0, true, 100);
    expect(partition.polledNothing(15_000, true, 100)).toBe(false);
    expect(partition.polledNothing(15_040, true, 100)).toBe(false);
    expect(partition.polledNothing(15_080, true, 100)).toBe(false);
    expect(partition.polledNothing(15_101, true, 100)).toBe(true);
  });

  it('a partition that is not caught up, or that gave a record, is not idle', () => {
    const partition = new Partition(0, '0', undefined);
    for (let now = 0; now < 1000; now += 10) expect(partition.polledNothing(now, false, 100)).toBe(false);
    partition.polledNothing(1000, true, 100);
    partition.polledData();
    expect(partition.polledNothing(1101, true, 100)).toBe(false);
  });
});

describe('turns', () => {
  it('end at the same records however small the batches are', () => {
    const partition = new Partition(0, '0', undefined);
    expect(partition.atTurnStart).toBe(true);
    partition.spendTurn(TURN_RECORDS - 1);
    expect(partition.atTurnStart).toBe(false);
    partition.spendTurn(1);
    expect(partition.atTurnStart).toBe(true);
  });
});
