import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, test } from 'vitest';
import { ndjson } from '../../src/node.ts';
import { deadLetter } from '../../src/model/index.ts';
import { memorySink } from '../../src/connectors/index.ts';
import { sourceContract, type SourceUnderTest } from '../../src/testing.ts';

/** The files of a source: name to content. */
type Files = Readonly<Record<string, string | Uint8Array>>;

async function underTest(
  files: Files,
  patterns: readonly string[],
  known: Omit<SourceUnderTest, 'source' | 'dispose'>,
): Promise<SourceUnderTest> {
  const dir = await mkdtemp(path.join(tmpdir(), 'millrace-source-'));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(dir, name), content);
  const onError = deadLetter(memorySink());
  const source = ndjson(
    patterns.map((pattern) => path.join(dir, pattern)),
    { onError },
  );
  return { source, ...known, dispose: () => rm(dir, { recursive: true, force: true }) };
}

const lines = (records: readonly unknown[], lineEnd = '\n'): string =>
  records.map((record) => JSON.stringify(record) + lineEnd).join('');

const SMALL = Array.from({ length: 40 }, (_, i) => ({ i, name: `n${i}` }));
/** Lines of 1 to 900 characters, about 400 kB: more than one block of 256 KiB. */
const ASCII = Array.from({ length: 900 }, (_, i) => `${i} ${'x'.repeat((i * 37) % 900)}`);
/** Characters of two, three and four bytes at every offset of a block's border. */
const UNICODE = Array.from({ length: 1_500 }, (_, i) => 'é€\u{1F600}'.repeat((i * 13) % 40) + 'y'.repeat(i % 5));
const LONG = ['first', 'z'.repeat(700_000), 'é'.repeat(300_000), 'last'];
const MALFORMED = ['1', '{', '2', 'nonsense', '"three"', '', ' \t', '[4', ''].join('\n');
const INVALID = Buffer.concat([
  Buffer.from('"a"\n'),
  Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
  Buffer.from('"é"\n'),
]);

const CASES: Readonly<Record<string, () => Promise<SourceUnderTest>>> = {
  'of a plain file': () => underTest({ 'a.ndjson': lines(SMALL) }, ['a.ndjson'], { expected: [SMALL], rejected: [0] }),
  'of a file whose last line has no end': () =>
    underTest({ 'a.ndjson': lines(SMALL).trimEnd() }, ['a.ndjson'], { expected: [SMALL] }),
  'of a gzip file': () => underTest({ 'a.ndjson.gz': gzipSync(lines(ASCII)) }, ['a.ndjson.gz'], { expected: [ASCII] }),
  'of an empty file': () => underTest({ 'a.ndjson': '' }, ['a.ndjson'], { expected: [[]] }),
  'of blank lines': () => underTest({ 'a.ndjson': '\n\r\n  \n\t' }, ['a.ndjson'], { expected: [[]], rejected: [0] }),
  'of several files in one partition, empty and blank ones among them': () =>
    underTest(
      { 'a.ndjson': lines([1, 2]), 'b.ndjson': '', 'c.ndjson': '\n\n3', 'd.ndjson.gz': gzipSync(lines([4, 5])) },
      ['*.ndjson*'],
      { expected: [[1, 2, 3, 4, 5]] },
    ),
  'of several partitions': () =>
    underTest(
      { 'a.ndjson': lines(SMALL), 'b.ndjson': lines([1, 2, 3]), 'c.ndjson': lines(ASCII) },
      ['a.ndjson', 'b.ndjson', 'c.ndjson'],
      {
        expected: [SMALL, [1, 2, 3], ASCII],
      },
    ),
  'with CRLF and a byte order mark': () =>
    underTest({ 'a.ndjson': `\uFEFF${lines(SMALL, '\r\n')}` }, ['a.ndjson'], { expected: [SMALL], rejected: [0] }),
  'of several blocks': () => underTest({ 'a.ndjson': lines(ASCII) }, ['a.ndjson'], { expected: [ASCII] }),
  'of unicode over block borders': () =>
    underTest({ 'a.ndjson': lines(UNICODE) }, ['a.ndjson'], { expected: [UNICODE], rejected: [0] }),
  'of lines longer than a block': () =>
    underTest({ 'a.ndjson': lines(LONG) }, ['a.ndjson'], { expected: [LONG], rejected: [0] }),
  'of gzip lines longer than a block': () =>
    underTest({ 'a.ndjson.gz': gzipSync(lines(LONG)) }, ['a.ndjson.gz'], { expected: [LONG] }),
  'with malformed lines': () =>
    underTest({ 'a.ndjson': MALFORMED }, ['a.ndjson'], { expected: [[1, 2, 'three']], rejected: [3] }),
  'with nothing but malformed lines': () =>
    underTest({ 'a.ndjson': '{\n[\nx' }, ['a.ndjson'], { expected: [[]], rejected: [3] }),
  'with invalid UTF-8': () =>
    underTest({ 'a.ndjson': INVALID }, ['a.ndjson'], { expected: [['a', 'é']], rejected: [1] }),
};

describe.each(Object.entries(CASES))('ndjson %s keeps the contract of a source', (_name, make) => {
  for (const { name, run } of sourceContract(make)) test(name, run);
});
