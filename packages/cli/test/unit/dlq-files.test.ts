import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { linesIn, millrace, newFolder, runJob, writeLetters } from '../setup/letters.ts';

let folder: string;
let dead: string;
let again: string;

beforeEach(() => {
  folder = newFolder();
  dead = path.join(folder, 'dead');
  again = path.join(folder, 'again');
});

const LINES = ['{"n":1}', '{"n":"x"}', '{"n":-2}', Buffer.from([0x7b, 0xff, 0xfe]), '{"n":3}'];

describe('letters of a job on files', () => {
  it('are listed, shown, and given back byte for byte, once', async () => {
    expect(await runJob(folder, LINES)).toEqual([1, 3]);
    const listed = await millrace('dlq', 'ls', '--from', dead);
    expect(listed.code).toBe(0);
    const rows = listed.out.split('\n').map((line) => line.trim().split(/\s{2,}/));
    expect(rows[0]).toEqual(['id', 'time (UTC)', 'error', 'operator', 'topic', 'value']);
    const [part = ''] = readdirSync(dead).filter((name) => name.startsWith('part-'));
    expect(rows.slice(1).map((row) => row[0])).toEqual([1, 2, 3].map((line) => `${part}:${line}`));
    expect(listed.out).toMatch(/RECORD_MALFORMED .*\{"n":"x"\}/);
    expect(listed.out).toMatch(/USER_FUNCTION +check .*\{"n":-2\}/);
    expect(listed.out).toMatch(/0x7bfffe/);
    expect(listed.said).toBe('3 open letters');

    const shown = await millrace('dlq', 'show', `${part}:2`, '--from', dead);
    expect(shown.out).toMatch(/^operator +check$/m);
    expect(shown.out).toMatch(/^message +-2 is below 0$/m);
    expect(shown.out.endsWith('\n\n{"n":-2}')).toBe(true);

    expect(await millrace('dlq', 'retry', '--from', dead, '--to', again)).toEqual({
      ...{ code: 0, out: '3 letters given back', said: '3 given back' },
    });
    expect(linesIn(again)).toHaveLength(3);
    expect(linesIn(again).slice(0, 2)).toEqual(['{"n":"x"}', '{"n":-2}']);
    expect((await millrace('dlq', 'retry', '--from', dead, '--to', again)).out).toBe(
      '0 letters given back\n3 had been retried or dropped before',
    );
    expect(linesIn(again)).toHaveLength(3);
    expect((await millrace('dlq', 'ls', '--from', dead)).said).toBe('0 open letters');
    expect((await millrace('dlq', 'ls', '--from', dead, '--state', 'retried')).out).toContain(`${part}:3`);
  });

  it('can be read by a job when they were given back', async () => {
    await runJob(folder, LINES);
    await millrace('dlq', 'retry', '--from', dead, '--to', again, '--operator', 'check');
    const [file = ''] = readdirSync(again);
    expect(file).toMatch(/^retried-[0-9a-f]{8}-00000001-.*\.ndjson$/);
    expect(linesIn(again)).toEqual(['{"n":-2}']);
  });

  it('are chosen by id, error and time', async () => {
    await runJob(folder, ['{"n":"x"}', '{"n":-2}']);
    const other = newFolder();
    writeLetters(other, 10);
    const codes = async (...flags: string[]): Promise<string> =>
      (
        await millrace(
          'dlq',
          'ls',
          '--from',
          flags.includes('--since') || flags.includes('--until') ? other : dead,
          ...flags,
        )
      ).said;
    expect(await codes('--error', 'USER_FUNCTION')).toBe('1 open letter');
    expect(await codes('--error', 'RECORD_KEY')).toBe('0 open letters');
    expect(await codes('--since', '1970-01-01T00:00:03Z', '--until', '1970-01-01 00:00:05')).toBe('2 open letters');
    expect(await codes('--since', '1970-01-02')).toBe('0 open letters');
    expect(await codes('--until', '1970-01-02', '--limit', '4')).toBe('4 open letters, and more: --limit');
    const json = await millrace('dlq', 'ls', '--from', other, '--json', '--limit', '1');
    expect(JSON.parse(json.out)).toMatchObject({ code: 'RECORD_MALFORMED', time: 0, value: '{"n":"n0"}', key: null });

    const file = path.join(other, 'part-0-0000000001.ndjson');
    const some = await millrace('dlq', 'retry', '2', '7', '99', '--from', file, '--to', again);
    expect(some).toMatchObject({ code: 3, out: '2 letters given back' });
    expect(some.said).toContain('there is no letter part-0-0000000001.ndjson:99');
    expect(linesIn(again)).toEqual(['{"n":"n1"}', '{"n":"n6"}']);
  });

  it('are dropped with a reason, and not given back any more', async () => {
    writeLetters(folder, 3);
    expect(await millrace('dlq', 'drop', '--from', folder)).toMatchObject({
      code: 2,
      said: 'error: drop needs ids, a filter, or --all',
    });
    const id = 'part-0-0000000001.ndjson:2';
    expect((await millrace('dlq', 'drop', id, '--from', folder, '--reason', 'a test')).out).toBe('1 letter dropped');
    expect((await millrace('dlq', 'show', id, '--from', folder)).out).toMatch(/^state +dropped .* because: a test$/m);
    expect((await millrace('dlq', 'retry', '--from', folder, '--to', again)).out).toBe(
      '2 letters given back\n1 had been retried or dropped before',
    );
    expect(linesIn(again)).toEqual(['{"n":"n0"}', '{"n":"n2"}']);
  });

  it('a dry run changes nothing', async () => {
    writeLetters(folder, 3);
    const dry = await millrace('dlq', 'retry', '--from', folder, '--to', again, '--dry-run', '--limit', '2');
    expect(dry).toEqual({ code: 0, out: '2 letters would be given back', said: '' });
    expect(existsSync(again)).toBe(false);
    expect((await millrace('dlq', 'ls', '--from', folder)).said).toBe('3 open letters');
  });

  it('that cannot be given back say why, and the others are', async () => {
    const why = { source: 's', partition: '', position: -1, code: 'USER_FUNCTION', message: 'm', time: 5 };
    const letters = [
      { ...why, window: { start: 0, end: 60_000 }, raw: '[1]' },
      why,
      { ...why, raw: '{\n}' },
      { ...why, raw: '{}' },
    ];
    writeFileSync(path.join(folder, 'letters.ndjson'), letters.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const { code, out, said } = await millrace('dlq', 'retry', '--from', folder, '--to', again);
    expect([code, out]).toEqual([3, '1 letter given back']);
    expect(said).toMatch(/letters.ndjson:1 cannot be given back: it stands for the window 0\/60000/);
    expect(said).toMatch(/letters.ndjson:2 cannot be given back: it holds no record/);
    expect(said).toMatch(/letters.ndjson:3 cannot be given back: its record has several lines/);
    expect(linesIn(again)).toEqual(['{}']);
  });

  it('of a file that was made anew are not those that were marked', async () => {
    writeLetters(folder, 2);
    await millrace('dlq', 'retry', '--from', folder, '--to', again);
    const text = JSON.stringify({ source: 's', code: 'USER_FUNCTION', message: 'm', time: 5, raw: 'new' });
    writeFileSync(path.join(folder, 'part-0-0000000001.ndjson'), `${text}\n`);
    expect((await millrace('dlq', 'retry', '--from', folder, '--to', again)).out).toBe('1 letter given back');
    expect(linesIn(again).sort()).toEqual(['new', '{"n":"n0"}', '{"n":"n1"}']);
  });
});

describe('mistakes', () => {
  it.each([
    [['ls'], /--from is missing: a folder or file/],
    [['ls', '--from', 'x', '--state', 'all'], /Allowed choices are open, retried/],
    [['ls', '--from', 'x', '--limit', '0'], /It is a number from 1 on/],
    [['ls', '--from', 'x', '--since', 'yesterday'], /A time is 2026-01-05T08:00:00Z/],
    [['ls', '--from', 'x', '--since', '2026-02-30'], /A time is 2026-01-05T08:00:00Z/],
    [
      ['ls', '--from', 'x', '--since', '2026-01-06', '--until', '2026-01-05'],
      /--until 2026-01-05 00:00:00 is not after --since/,
    ],
    [['retry', '--bootstrap', 'nowhere:1'], /--from is missing: the topic/],
    [['shw'], /unknown command/],
    [['show'], /missing required argument/],
    [['ls', '--config', 'package.json'], /bootstrap in package.json is undefined/],
  ])('%j is a usage error', async (args, message) => {
    const { code, said } = await millrace('dlq', ...args);
    expect([code, said]).toEqual([2, expect.stringMatching(message)]);
  });

  it('what is no letter, and what is not there, is an error with its place', async () => {
    expect(await millrace('dlq', 'ls', '--from', path.join(folder, 'none'))).toMatchObject({
      code: 1,
      said: expect.stringMatching(/none does not exist/) as string,
    });
    writeFileSync(path.join(folder, 'orders.ndjson'), '\n{"n":1}\n');
    expect(await millrace('dlq', 'ls', '--from', folder)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/orders.ndjson:2 is no dead letter/) as string,
    });
    expect(await millrace('dlq', 'retry', '--from', folder)).toMatchObject({
      code: 2,
      said: expect.stringMatching(/to is undefined, but must be the folder/) as string,
    });
    expect(await millrace('dlq', 'retry', '--from', folder, '--to', folder)).toMatchObject({ code: 2 });
    writeLetters((dead = newFolder()), 1);
    expect(await millrace('dlq', 'show', 'a:7', '--from', dead)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/no letter a:7/) as string,
    });
  });

  it('Kafka without @millrace/kafka says what to install', () => {
    const main = path.join(import.meta.dirname, '../../src/main.ts');
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const args = ['--conditions=millrace-source', '--import', tsx, main, 'dlq', 'ls', '--bootstrap', 'localhost:9092'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([
      ...[
        1,
        '',
        'error: Dead letters on Kafka need @millrace/kafka, which is not installed: npm install @millrace/kafka\n',
      ],
    ]);
  });
});
