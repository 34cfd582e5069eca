import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'vitest';
import { consoleSink, memorySink } from '../../src/connectors/index.ts';
import { ndjson } from '../../src/node.ts';
import { reluctant, sinkContract, type SinkUnderTest } from '../../src/testing.ts';

const RECORDS = [1, 'two', { three: [3, null] }, 'ünïcödé \u{1F600}', ''];

describe('memorySink keeps the contract of a sink', () => {
  for (const { name, run } of sinkContract(() => {
    const sink = memorySink<unknown>();
    return { sink, records: RECORDS, published: () => sink.rows };
  }))
    test(name, run);
});

describe('consoleSink keeps the contract of a sink', () => {
  for (const { name, run } of sinkContract<unknown>(() => {
    const lines: string[] = [];
    const circle: { self?: unknown } = {};
    circle.self = circle;
    return {
      sink: consoleSink<unknown>({ print: (line) => lines.push(line) }),
      records: RECORDS,
      published: () => lines,
      seen: (record) => JSON.stringify(record),
      bad: circle,
    };
  }))
    test(name, run);
});

describe('a reluctant sink keeps the contract of a sink', () => {
  for (const { name, run } of sinkContract(() => {
    const sink = memorySink<unknown>();
    return { sink: reluctant(sink), records: RECORDS, published: () => sink.rows };
  }))
    test(name, run);
});

async function ndjsonUnderTest(partBytes: number, records: readonly unknown[]): Promise<SinkUnderTest<unknown>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-sink-'));
  const dir = path.join(folder, 'out');
  return {
    sink: ndjson.sink(dir, { partBytes }),
    records,
    async published() {
      const names = (await readdir(dir)).filter((name) => name.startsWith('part-')).sort();
      const texts = await Promise.all(names.map((name) => readFile(path.join(dir, name), 'utf8')));
      return texts.flatMap((text) => text.split('\n').slice(0, -1)).map((line) => JSON.parse(line) as unknown);
    },
    bad: () => 'a function',
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

const LONG = Array.from({ length: 300 }, (_, i) => ({ i, text: '\u20AC'.repeat(i * 10) }));

describe.each([
  ['of one part', 2 ** 30, RECORDS],
  ['of many parts', 100_000, LONG],
] as const)('ndjson.sink %s keeps the contract of a sink', (_name, partBytes, records) => {
  for (const { name, run } of sinkContract(() => ndjsonUnderTest(partBytes, records))) test(name, run);
});
