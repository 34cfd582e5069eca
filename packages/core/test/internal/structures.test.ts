import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deque } from '../../src/internal/deque.ts';
import { MinHeap } from '../../src/internal/heap.ts';
import { murmur2 } from '../../src/internal/murmur2.ts';
import { seededRandom } from '../../src/internal/seeded-random.ts';

describe('MinHeap', () => {
  it('gives items by priority, equal ones in the order they went in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (priorities) => {
        const heap = new MinHeap<number>();
        priorities.forEach((priority, index) => heap.push(priority, index));
        const expected = priorities.map((p, i) => [p, i] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        const actual: number[] = [];
        for (let item = heap.pop(); item !== undefined; item = heap.pop()) actual.push(item);
        expect(actual).toEqual(expected.map(([, i]) => i));
        expect(heap.minimum).toBe(Infinity);
      }),
    );
  });
});

describe('Deque', () => {
  it('is a queue, also over the blocks in which it releases memory', () => {
    const deque = new Deque<number>();
    const model: number[] = [];
    const random = seededRandom(7);
    for (let i = 0; i < 20_000; i++) {
      if (random.next() < 0.55) {
        deque.push(i);
        model.push(i);
      } else expect(deque.shift()).toBe(model.shift());
      expect(deque.length).toBe(model.length);
    }
    expect([...deque]).toEqual(model);
  });
});

describe('murmur2', () => {
  it("equals Kafka's own test values (UtilsTest.testMurmur2), unsigned", () => {
    const cases: [string, number][] = [
      ['21', -973932308],
      ['foobar', -790332482],
      ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
      ['abc', 479470107],
    ];
    for (const [text, signed] of cases) expect(murmur2(new TextEncoder().encode(text))).toBe(signed >>> 0);
  });
});
