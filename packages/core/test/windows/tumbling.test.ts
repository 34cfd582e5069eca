import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tumbling, windowStart } from '../../src/windows/index.ts';

describe('tumbling windows', () => {
  it('R1 and R2: every timestamp is in exactly the window that starts at its multiple of the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 1, max: 1e7 }), fc.nat(), (t, size, o) => {
        const offset = o % size;
        const start = windowStart(t, offset, size);
        expect(start <= t && t < start + size).toBe(true);
        expect(Math.abs((start - offset) % size)).toBe(0);
      }),
    );
  });

  it('R2: is right before the epoch', () => {
    expect(windowStart(-1, 0, 5)).toBe(-5);
    expect(windowStart(-5, 0, 5)).toBe(-5);
  });

  it('R3: refuses an offset as long as the window, and a size of 0', () => {
    expect(() => tumbling('5s', { offset: '5s' })).toThrow('shorter than the size of 5000 ms');
    expect(() => tumbling('5s', { offset: '-5s' })).toThrow('shorter than');
    expect(() => tumbling(0)).toThrow('longer than 0 ms');
    expect(tumbling('1d', { offset: '-8h' })).toMatchObject({ sizeMs: 86_400_000, offsetMs: -28_800_000 });
  });
});
