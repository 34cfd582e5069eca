import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { checkJob, type Files } from './support/check-job.ts';
import { lines, NOON, orderLine } from './support/order-line.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** `count` orders from `startMs` on, `gapMs` apart, every 17th a day late, every 23rd malformed. */
function orders(count: number, startMs: number, gapMs: number, category: string): string[] {
  return Array.from({ length: count }, (_, index) => {
    if (index % 23 === 22) return `oops ${index}`;
    const time = startMs + index * gapMs - (index % 17 === 16 ? 86_400_000 : 0);
    return orderLine({ event_time: time, order_id: `"${index}"`, category: `"${category}"`, amount: index / 100 });
  });
}

test('every --input is a partition with its own watermark, whatever their lengths and speeds', async () => {
  const files: Files = {
    'exactly-two-turns.ndjson': lines(...orders(1_024, NOON, 700, 'a')),
    'one-short-turn.ndjson': lines(...orders(100, NOON - 3_600_000, 50, 'b')),
    'nothing.ndjson': '',
    'far-ahead.ndjson': lines(...orders(1_500, NOON + 400_000, 90, 'c')),
    'only-malformed.ndjson': lines(...Array.from({ length: 600 }, () => 'oops')),
    'slow.ndjson.gz': gzipSync(lines(...orders(2_000, NOON, 11, 'a'))),
  };
  const { expected } = await checkJob({ folder: temporaryFolder(), files });
  expect(expected.late.length).toBeGreaterThan(100);
});

test('partitions whose watermarks are equal take turns by their place on the command line', async () => {
  const same = lines(...orders(1_536, NOON, 400, 'x'));
  const files = { 'c.ndjson': same, 'a.ndjson': same.replaceAll('"x"', '"y"'), 'b.ndjson': same };
  await checkJob({ folder: temporaryFolder(), files, window: { flag: '10s', ms: 10_000 } });
});

test('a glob is one partition, read in name order; each file has its own mark and last line', async () => {
  const folder = temporaryFolder();
  const files: Files = {
    'in/orders-2.ndjson': `\ufeff${lines(...orders(700, NOON + 400_000, 500, 'b'))}oops`,
    'in/orders-1.ndjson': lines(...orders(600, NOON, 500, 'a')).trimEnd(),
    'in/orders-3.ndjson.gz': gzipSync(`\ufeff${lines(...orders(50, NOON, 500, 'c'))}`),
    'in/other.ndjson': 'not read',
  };
  const names = ['in/orders-1.ndjson', 'in/orders-2.ndjson', 'in/orders-3.ndjson.gz'];
  const { expected } = await checkJob({ folder, files, inputs: ['in/orders-*'], partitions: [names] });
  expect(expected.read).toBe(1_351);
});

test('a folder is one partition; further inputs are partitions beside it', async () => {
  const folder = temporaryFolder();
  const files: Files = {
    'in/b.ndjson': lines(...orders(300, NOON + 400_000, 500, 'b')),
    'in/a.ndjson': lines(...orders(600, NOON, 500, 'a')),
    'single.ndjson': lines(...orders(900, NOON, 300, 's')),
  };
  mkdirSync(path.join(folder, 'in/c.ndjson'), { recursive: true });
  await checkJob({
    folder,
    files,
    inputs: ['single.ndjson', 'in'],
    partitions: [['single.ndjson'], ['in/a.ndjson', 'in/b.ndjson']],
  });
});

test('gzip of several members is read to its end; positions count uncompressed bytes', async () => {
  const first = lines(...orders(600, NOON, 500, 'a'));
  const second = lines(...orders(600, NOON + 300_000, 500, 'é'));
  const files = {
    'a.ndjson.gz': Buffer.concat([gzipSync(first), gzipSync(second.slice(0, 100)), gzipSync(second.slice(100))]),
  };
  const { expected } = await checkJob({ folder: temporaryFolder(), files });
  expect(expected.read).toBe(1_200);
  expect(expected.deadLetters.at(-1)?.position).toBeGreaterThan(first.length);
});
