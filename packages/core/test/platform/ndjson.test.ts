import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  dataflow,
  deadLetter,
  decimal,
  int,
  memory,
  memorySink,
  string,
  struct,
  type DeadLetter,
  type Source,
} from '../../src/index.ts';
import { ndjson } from '../../src/node.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'millrace-ndjson-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const at = (name: string): string => path.join(dir, name);

async function readAll<T>(source: Source<T>): Promise<readonly T[]> {
  const out = memorySink<T>();
  const flow = dataflow('read');
  flow.from('file', source).to('out', out);
  await (
    await flow.run()
  ).done;
  return out.rows;
}

async function writeAll<T>(rows: readonly T[], sink: ReturnType<typeof ndjson.sink<T>>): Promise<void> {
  const flow = dataflow('write');
  flow.from('rows', memory(rows)).to('out', sink);
  await (
    await flow.run()
  ).done;
}

describe('reading NDJSON', () => {
  it('a missing file, an empty glob and a folder without files are errors that name the path', async () => {
    await expect(readAll(ndjson(at('nope.ndjson')))).rejects.toMatchObject({
      code: 'IO_NOT_FOUND',
      message: expect.stringContaining('does not exist'),
    });
    await expect(readAll(ndjson(at('*.ndjson')))).rejects.toMatchObject({
      code: 'IO_NOT_FOUND',
      message: expect.stringContaining('holds no file'),
    });
    await expect(readAll(ndjson(dir))).rejects.toMatchObject({ code: 'IO_NOT_FOUND' });
  });

  it('a folder and a glob are read in name order', async () => {
    for (const name of ['b.ndjson', 'a.ndjson', 'c.jsonl', 'x.txt']) await writeFile(at(name), JSON.stringify(name));
    expect(await readAll(ndjson(dir))).toEqual(['a.ndjson', 'b.ndjson', 'c.jsonl']);
    expect(await readAll(ndjson(at('{a,b,x}.*')))).toEqual(['a.ndjson', 'b.ndjson', 'x.txt']);
    expect(await readAll(ndjson(at('[!a].ndjson')))).toEqual(['b.ndjson']);
    expect(await readAll(ndjson(`${path.dirname(dir)}/**/${path.basename(dir)}/?.jsonl`.replace('/**/', '/')))).toEqual(
      ['c.jsonl'],
    );
  });

  it("onError 'fail': the job fails with partition, position and cure, after the records before it", async () => {
    await writeFile(at('in.ndjson'), '{"n":1}\n{"n":2}\n{"n":"three"}\n{"n":4}\n');
    const out = memorySink<{ n: number }>();
    const flow = dataflow('f');
    flow.from('file', ndjson(at('in.ndjson'), { schema: struct({ n: int() }) })).to('out', out);
    await expect((await flow.run()).done).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
      fields: { source: 'file', partition: at('in.ndjson'), position: 16 },
      message: expect.stringContaining('onError: deadLetter(sink)'),
    });
    expect(out.rows).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('onError deadLetter: every kind of bad line goes there, unchanged, and nothing else', async () => {
    const bad = Buffer.concat([
      Buffer.from('{"n":1}\r\nnot json\n\n  \t\n'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('\n{"n":1.5}\n{"n":2}'),
    ]);
    await writeFile(at('in.ndjson'), bad);
    const letters = memorySink<DeadLetter>();
    const rows = await readAll(ndjson(at('in.ndjson'), { schema: struct({ n: int() }), onError: deadLetter(letters) }));
    expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
    expect(letters.rows.map(({ position, raw, raw_base64 }) => [position, raw ?? raw_base64])).toEqual([
      [9, 'not json'],
      [23, '//4='],
      [26, '{"n":1.5}'],
    ]);
  });

  it('decode functions of the program take the place of a schema, and not both', async () => {
    await writeFile(at('log.txt'), 'a b\nc d\n');
    expect(await readAll(ndjson(at('log.txt'), { decode: (line) => line.split(' ') }))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(() => ndjson('x', { schema: string(), decode: () => 1 } as never)).toThrow('left out where decode is given');
    expect(() => ndjson([])).toThrow('at least one path');
  });
});

describe('writing NDJSON', () => {
  it('a part file appears complete under its name, its staging folder disappears', async () => {
    await writeAll([{ a: 1 }, { a: 'ü' }], ndjson.sink(at('out')));
    expect(await readdir(at('out'))).toEqual(['part-0-0000000001.ndjson']);
    expect(await readFile(at('out/part-0-0000000001.ndjson'), 'utf8')).toBe('{"a":1}\n{"a":"ü"}\n');
  });

  it('rolls to the next part by size; concatenated in name order they are the output', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => ({ i, text: 'x'.repeat(i % 50) }));
    await writeAll(rows, ndjson.sink(at('out'), { partBytes: 200_000 }));
    const names = (await readdir(at('out'))).sort();
    expect(names.length).toBeGreaterThan(3);
    const text = (await Promise.all(names.map((name) => readFile(at(`out/${name}`), 'utf8')))).join('');
    expect(text).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  });

  it('a schema writes decimals as exact JSON numbers', async () => {
    const schema = struct({ revenue: decimal(15, 2) });
    await writeAll([{ revenue: 1230 }, { revenue: -5 }], ndjson.sink(at('out'), { schema }));
    expect(await readFile(at('out/part-0-0000000001.ndjson'), 'utf8')).toBe('{"revenue":12.3}\n{"revenue":-0.05}\n');
  });

  it('a folder with the output of an earlier run is refused, so that nothing is counted twice', async () => {
    await writeAll([1], ndjson.sink(at('out')));
    await expect(writeAll([2], ndjson.sink(at('out')))).rejects.toMatchObject({ code: 'IO_NOT_EMPTY' });
  });

  it('a failed job publishes nothing more', async () => {
    const flow = dataflow('f');
    const fail = (n: number): number => {
      if (n === 2) throw new Error('no');
      return n;
    };
    flow
      .from('n', memory([1, 2]))
      .map(fail)
      .to('out', ndjson.sink(at('out')));
    await expect((await flow.run()).done).rejects.toThrow('no');
    expect((await readdir(at('out'))).filter((name) => name.startsWith('part-'))).toEqual([]);
  });

  it('what cannot be written as a line is an error of the record', async () => {
    await expect(writeAll([undefined], ndjson.sink(at('a')))).rejects.toThrow('cannot be written as JSON');
    await expect(writeAll([1n], ndjson.sink(at('b')))).rejects.toThrow("sink of 'out' failed");
    await expect(writeAll(['x'], ndjson.sink(at('c'), { encode: () => 'two\nlines' }))).rejects.toThrow('line end');
  });
});
