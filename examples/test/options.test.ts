import { expect, test } from 'vitest';
import { parseOptions } from '../revenue/options/options.ts';
import { UsageError } from '../revenue/options/usage-error.ts';

test('without flags: the bundled input, windows of 5 minutes, out/revenue', () => {
  expect(parseOptions([])).toEqual({
    help: false,
    input: { kind: 'bundled' },
    output: 'out/revenue',
    windowMs: 300_000,
    summary: undefined,
    ratePerSecond: undefined,
    fresh: false,
  });
});

test('every flag reaches its option; --input may be repeated', () => {
  const flags = [
    '--input',
    'a',
    '--input=b',
    '--output',
    'o',
    '--window',
    '1.5h',
    '--summary',
    's',
    '--rate',
    '250',
    '--fresh',
  ];
  expect(parseOptions(flags)).toEqual({
    help: false,
    input: { kind: 'files', patterns: ['a', 'b'] },
    output: 'o',
    windowMs: 5_400_000,
    summary: 's',
    ratePerSecond: 250,
    fresh: true,
  });
});

test('--orders and --seed generate the input, each with or without the other', () => {
  const input = (...flags: string[]) => parseOptions(flags).input;
  expect(input('--orders', '5')).toEqual({ kind: 'generated', orders: 5, seed: undefined });
  expect(input('--seed', '0')).toEqual({ kind: 'generated', orders: undefined, seed: 0 });
  expect(input('--orders', '5', '--seed', '7')).toEqual({ kind: 'generated', orders: 5, seed: 7 });
  expect(() => input('--orders', '5', '--input', 'a')).toThrow(UsageError);
});

test.each([
  ['1ms', 1],
  ['30s', 30_000],
  ['5m', 300_000],
  ['0.5s', 500],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
])('--window %s is %d ms', (text, ms) => {
  expect(parseOptions(['--window', text]).windowMs).toBe(ms);
});

test.each(['', '5', 'm', '5min', '5 m', '+5m', '-5m', '0s', '1e3s', '0.0001s', '5M', '.5s', '100000d', 'Infinitys'])(
  '--window %j is refused',
  (text) => expect(() => parseOptions([`--window=${text}`])).toThrow(UsageError),
);

test.each([
  [/--help/, '--help=yes'],
  [/--rate is "0", but must be a whole number/, '--rate=0'],
  [/--rate is "fast"/, '--rate=fast'],
  [/--rate is "1\.5"/, '--rate=1.5'],
  [/--orders is "0"/, '--orders=0'],
  [/--orders is ""/, '--orders='],
  [/--seed is "x"/, '--seed=x'],
  [/--seed is "9007199254740993"/, '--seed=9007199254740993'],
  [/--output is ""/, '--output='],
  [/--summary is ""/, '--summary='],
  [/--input is "a\\u0000b"/, '--input=a\0b'],
  [/^Unknown option '-x'; the flags are --input /, '-x'],
  [/--window <value>' argument missing; the flags/, '--window'],
])('wrong flags are errors of one line: %s', (message, flag) => {
  expect(() => parseOptions([flag])).toThrow(message);
  expect(() => parseOptions([flag])).toThrow(/^[^\n]+$/);
});
