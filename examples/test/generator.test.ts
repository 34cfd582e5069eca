import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BUNDLED, BUNDLED_FILE } from '../revenue/generator/bundled.ts';
import { orderChunks } from '../revenue/generator/orders.ts';

const generated = (orders: number, seed: number) =>
  Buffer.concat([...orderChunks({ orders, seed })].map(({ bytes }) => bytes));

test('the generator writes the bundled input byte for byte', () => {
  const bundled = readFileSync(BUNDLED_FILE);
  expect(generated(BUNDLED.orders, BUNDLED.seed).equals(bundled)).toBe(true);
  expect(bundled.length).toBeGreaterThan(300_000);
  expect(bundled.length).toBeLessThan(2_000_000);
});

test('another seed or another number gives other orders, the same ones the same bytes', () => {
  const orders = generated(500, 1);
  expect(generated(500, 1).equals(orders)).toBe(true);
  for (const other of [generated(500, 2), generated(501, 1), generated(500, 1 + 2 ** 32)]) {
    expect(other.equals(orders)).toBe(false);
  }
});

test('chunks stay small and count every line that is not blank', () => {
  let last = 0;
  let lines = 0;
  for (const { bytes, orders } of orderChunks({ orders: 20_000, seed: 5 })) {
    expect(bytes.length).toBeLessThan(400_000);
    lines += bytes
      .toString('latin1')
      .split('\n')
      .filter((line) => line.trim() !== '').length;
    last = orders;
  }
  expect([last, lines]).toEqual([20_000, 20_000]);
});
