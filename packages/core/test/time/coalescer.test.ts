import { describe, expect, it } from 'vitest';
import { Coalescer } from '../../src/time/index.ts';

describe('Coalescer', () => {
  it('R29: is the minimum over its inputs; one not heard from counts as -Infinity', () => {
    const c = new Coalescer(2);
    c.update(0, 10);
    expect(c.watermark).toBe(-Infinity);
    c.update(1, 7);
    expect(c.watermark).toBe(7);
    c.update(1, 12);
    expect(c.watermark).toBe(10);
  });

  it('R29: never goes back', () => {
    const c = new Coalescer(1);
    c.update(0, 10);
    c.update(0, 5);
    expect(c.watermark).toBe(10);
    c.add();
    expect(c.watermark).toBe(10);
  });

  it('R29: idle inputs do not hold others back', () => {
    const c = new Coalescer(2);
    c.update(0, 10);
    c.setIdle(1, true);
    expect([c.watermark, c.idle]).toEqual([10, false]);
  });

  it('R31: an input that comes back is in the minimum at once and holds progress until it passes the last output', () => {
    const c = new Coalescer(2);
    c.update(0, 10);
    c.setIdle(1, true);
    c.update(1, 3);
    c.update(0, 20);
    expect([c.watermark, c.isIdle(1)]).toEqual([10, false]);
    c.update(1, 15);
    expect(c.watermark).toBe(15);
  });

  it('R32: when all inputs are idle the output is the maximum, and idle', () => {
    const c = new Coalescer(2);
    c.update(0, 10);
    c.update(1, 25);
    c.setIdle(0, true);
    c.setIdle(1, true);
    expect([c.watermark, c.idle]).toEqual([25, true]);
  });

  it('knows how far one input can take the output', () => {
    const c = new Coalescer(3);
    c.update(0, 5);
    c.update(1, 8);
    c.setIdle(2, true);
    expect([c.ceilingFor(0), c.ceilingFor(1)]).toEqual([8, 5]);
  });

  it('goes on from a snapshot, infinities included', () => {
    const c = new Coalescer(2);
    c.update(0, Infinity);
    c.setIdle(1, true);
    const copy = new Coalescer(2);
    copy.restore(JSON.parse(JSON.stringify(c.snapshot())) as ReturnType<Coalescer['snapshot']>);
    expect([copy.watermark, copy.isIdle(1), copy.watermarkOf(0)]).toEqual([Infinity, true, Infinity]);
  });
});
