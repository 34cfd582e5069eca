import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as millrace from '../../src/index.ts';
import { ndjson } from '../../src/node.ts';

// As a program without a type checker sees them.
const m = millrace as unknown as Record<string, (...args: unknown[]) => unknown>;
const read = ndjson as unknown as (...args: unknown[]) => unknown;
const write = ndjson.sink as unknown as (...args: unknown[]) => unknown;
const f = (): number => 1;

describe('bad input from plain JavaScript', () => {
  it.each([
    ['tumbling options', () => m['tumbling']?.('5m', null), 'options of tumbling()'],
    ['tumbling offset as text', () => m['tumbling']?.('5m', '1m'), 'options of tumbling()'],
    ['sum without selector', () => m['sum']?.(), 'selector of sum()'],
    ['decimalSum of text', () => m['decimalSum']?.('amount'), 'selector of decimalSum()'],
    ['deadLetter without sink', () => m['deadLetter']?.(), 'deadLetter(sink)'],
    ['watermark options', () => m['boundedOutOfOrderness']?.('5s', f, null), 'options of boundedOutOfOrderness(5s)'],
    ['watermark emit', () => m['boundedOutOfOrderness']?.('5s', f, { emit: 'recrd' }), 'emit is "recrd"'],
    ['watermark generator', () => m['customWatermarks']?.(f), 'generator of customWatermarks()'],
    [
      'a misspelt schema',
      () => read('x', { shema: 1 }),
      'options of ndjson() is "{ shema }", but must be made of schema',
    ],
    [
      'a wrong onError',
      () => read('x', { onError: 'skip' }),
      'onError of ndjson() is "skip", but must be \'fail\' or deadLetter(sink)',
    ],
    ['project without schema', () => read('x', { project: f }), 'together with a schema'],
    ['a sink without folder', () => write(), 'dir of ndjson.sink()'],
    ['a sink whose encode is text', () => write('x', { encode: 'a' }), 'encode of ndjson.sink()'],
  ])('%s: one clear error that names it', (_what, run, message) => {
    expect(run).toThrow(message);
  });

  it('wrong options of run are refused before anything is opened', async () => {
    const flow = millrace.dataflow('f');
    flow.from('n', millrace.memory([1])).to('out', millrace.memorySink());
    await expect(flow.run(null as never)).rejects.toThrow('options of flow.run()');
    await expect(flow.run({ onError: 'x' as never })).rejects.toThrow('onError of flow.run()');
    await expect(flow.run({ fusion: 'x' as never })).rejects.toThrow("'auto' or 'off'");
  });

  it('timestamps beyond the safe integers are refused: windows could not hold them', async () => {
    const flow = millrace.dataflow('f');
    flow
      .from('n', millrace.memory([1.7e18 * 10]), { watermarks: millrace.ascendingTimestamps((n) => n) })
      .to('out', millrace.memorySink());
    await expect((await flow.run()).done).rejects.toMatchObject({ code: 'RECORD_NO_TIMESTAMP' });
  });

  it('two sinks of one job in one folder are refused, so that neither replaces the files of the other', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'millrace-claim-'));
    const flow = millrace.dataflow('f');
    const numbers = flow.from('n', millrace.memory([1]));
    numbers.to('a', ndjson.sink(dir));
    numbers.to('b', ndjson.sink(`${dir}/../${path.basename(dir)}`));
    await expect(flow.run()).rejects.toThrow(`Sinks 'a' and 'b' both write to ${dir}.`);
    const alone = millrace.dataflow('g');
    alone.from('n', millrace.memory([1])).to('a', ndjson.sink(dir));
    await (
      await alone.run()
    ).done;
    await rm(dir, { recursive: true });
  });
});
