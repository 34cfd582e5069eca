import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { checkJob } from './support/check-job.ts';
import { lines, NOON, orderLine } from './support/order-line.ts';
import { outputLines } from './support/outputs.ts';
import { runJob } from './support/run-job.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** One line per amount, each in a category of its own. */
function amounts(...texts: readonly string[]): string[] {
  return texts.map((amount, index) => orderLine({ amount, category: `"${index}"` }));
}

test('amounts with at most two decimals are exact cents, in whatever form the number is written', async () => {
  const text = amounts(
    ...['0', '-0', '-0.0', '0e5', '0.01', '-0.01', '1e2', '1E+2', '1250e-2', '0.29', '1.15', '-1.15', '4.35', '8.41'],
    ...['16777216.01', '99999999.99', '-99999999.99', '1.10', '12.500000', '0.1e1', '33554432.29', '5e-2', '-7e-2'],
    // Closer than 1e-3 cents to a whole cent; the last is 10^10 cents although it is below 10^8.
    ...['1.0000001', '0.009999', '0.3000000000000000444', '0.01000999', '99999999.999999'],
  );
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected).toMatchObject({ aggregated: text.length, deadLetters: [] });
  expect(expected.rows[1]).toContain('"total_revenue":0,"avg_order_value":0}');
});

test('amounts with more decimals, out of range or of another type are malformed', async () => {
  const text = amounts(
    ...['1.005', '0.001', '-0.125', '0.0101', '99999999.995', '100000000', '-100000000', '1e8', '1e999', '-1e999'],
    ...['"12.50"', '"1"', 'true', 'null', '[1]', '{"amount":1}', '1e-4', '-0.005', '123456789012345678901234567890'],
    ...['.5', '5.', '+5', '01', '-', '0x10', '1_000', 'Infinity', '1,5', '１'],
  );
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected).toMatchObject({ aggregated: 0, late: [] });
});

test('sums are exact: 0.1 + 0.2 is 0.3', async () => {
  const of = (category: string, ...all: readonly number[]) =>
    all.map((amount) => orderLine({ amount, category: `"${category}"` }));
  const text = [
    ...of('tenths', 0.1, 0.2),
    ...of('cancelled', 0.1, 0.2, -0.3),
    ...of('large', ...Array.from({ length: 3_000 }, () => 99_999_999.99)),
    ...of('mixed', 99_999_999.99, 0.01, -99_999_999.99, -0.02),
  ];
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected.rows[0]).toContain('"total_revenue":0.3,"avg_order_value":0.15}');
});

test('averages are rounded half away from zero to six decimals', async () => {
  // 64 orders of 2 cents in total: 0.0003125, a tie at the sixth decimal; 3 orders: 1/3 and 2/3 of a cent.
  const spread = (category: string, count: number, amount: number) =>
    Array.from({ length: count }, (_, index) =>
      orderLine({ category: `"${category}"`, amount: index === count - 1 ? amount : 0 }),
    );
  const cases = [64, 128, 3, 7, 192, 320].flatMap((count) =>
    [0.01, 0.02, 0.03, -0.01, -0.02, -0.03, 99_999_999.99, -99_999_999.99].flatMap((amount) =>
      spread(`${count} for ${amount}`, count, amount),
    ),
  );
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...cases) } });
  const average = (category: string) =>
    /"avg_order_value":(.*)}$/.exec(expected.rows.find((row) => row.includes(category)) ?? '');
  expect(average('"64 for 0.02"')?.[1]).toBe('0.000313');
  expect(average('"64 for -0.02"')?.[1]).toBe('-0.000313');
  expect(average('"3 for -0.02"')?.[1]).toBe('-0.006667');
});

test('a sum beyond the safe integers of cents stays exact', async () => {
  const folder = temporaryFolder();
  const line = `${orderLine({ amount: 99_999_999.97 })}\n`;
  const count = 910_001;
  writeFileSync(path.join(folder, 'a.ndjson.gz'), gzipSync(Buffer.alloc(line.length * count, line), { level: 1 }));
  const flags = ['--input', path.join(folder, 'a.ndjson.gz'), '--output', path.join(folder, 'out')];
  expect(await runJob(flags)).toMatchObject({ code: 0 });
  const cents = 9_999_999_997n * BigInt(count);
  expect(cents).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
  expect(outputLines(path.join(folder, 'out/revenue'))).toEqual([
    `{"window_start":${NOON},"window_end":${NOON + 300_000},"category":"books","order_count":${count},` +
      `"total_revenue":${cents / 100n}.${cents % 100n},"avg_order_value":99999999.97}`,
  ]);
});
