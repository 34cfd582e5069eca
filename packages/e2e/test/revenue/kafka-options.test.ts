import path from 'node:path';
import { expect, test } from 'vitest';
import { linesOf as feedLines } from '../../../../examples/revenue/kafka/lines.ts';
import { isKafkaJob, parseKafkaOptions } from '../../../../examples/revenue/kafka/options.ts';
import { UsageError } from '../../../../examples/revenue/options/usage-error.ts';
import { linesOf } from './reference/lines.ts';
import { runJob } from './support/run-job.ts';

const AT = ['--kafka', 'localhost:9092'];

test('the flags of the job on Kafka, and what they are if they are not given', () => {
  expect(isKafkaJob(['--window', '5m'])).toBe(false);
  expect(isKafkaJob(['--kafka=localhost:9092'])).toBe(true);
  expect(parseKafkaOptions(AT)).toEqual({
    bootstrap: 'localhost:9092',
    app: 'revenue',
    inputTopic: 'orders.created',
    outputTopic: 'revenue.by-category',
    partitions: 4,
    windowMs: 300_000,
    commitMs: 200,
    state: path.resolve('.millrace/revenue'),
    ratePerSecond: undefined,
    summary: undefined,
    bounded: false,
    fresh: false,
  });
  const given = [
    '--app',
    'other',
    '--input-topic',
    'in',
    '--output-topic',
    'out',
    '--partitions',
    '1',
    '--window',
    '30s',
  ];
  const rest = ['--commit', '1s', '--state', '/s', '--rate', '5', '--summary', 'f.json', '--bounded', '--fresh'];
  expect(parseKafkaOptions(['--kafka', 'a:1,b:2', ...given, ...rest])).toEqual({
    bootstrap: 'a:1,b:2',
    app: 'other',
    inputTopic: 'in',
    outputTopic: 'out',
    partitions: 1,
    windowMs: 30_000,
    commitMs: 1_000,
    state: '/s',
    ratePerSecond: 5,
    summary: 'f.json',
    bounded: true,
    fresh: true,
  });
  expect(parseKafkaOptions([...AT, '--app', 'other']).state).toBe(path.resolve('.millrace/other'));
});

test.each([
  [['--kafka', 'localhost'], /--kafka is "localhost", but must be HOST:PORT/],
  [['--kafka', ''], /--kafka is ""/],
  [['--kafka', 'a:1,'], /--kafka is "a:1,"/],
  [[...AT, '--app', 'a b'], /--app is "a b", but must be made of up to 249 letters/],
  [[...AT, '--app', '..'], /--app is "\.\."/],
  [[...AT, '--input-topic', ''], /--input-topic is ""/],
  [[...AT, '--output-topic', 'a/b'], /--output-topic is "a\/b"/],
  [[...AT, '--partitions', '0'], /--partitions is "0", but must be a whole number from 1/],
  [[...AT, '--window', '5'], /--window is "5", but must be a length of time/],
  [[...AT, '--commit', 'often'], /--commit is "often"/],
  [[...AT, '--rate', '1.5'], /--rate is "1\.5"/],
  [[...AT, '--state', ''], /--state is ""/],
  [[...AT, '--summary', ''], /--summary is ""/],
  [[...AT, '--bounded=yes'], /--bounded/],
  [[...AT, '--output', 'out'], /--output'?; the flags are --kafka/],
  [[...AT, '--fresh=yes'], /--fresh/],
  [[...AT, 'orders'], /orders/],
])('%j is refused', (argv, message) => {
  expect(() => parseKafkaOptions(argv)).toThrow(UsageError);
  expect(() => parseKafkaOptions(argv)).toThrow(message);
});

test('a wrong flag is one line and exit code 2, and the client is not asked for', async () => {
  const { code, stdout, stderr } = await runJob([...AT, '--input', 'f.ndjson']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: Unknown option '--input'[^\n]*\n$/);
});

test('the feed cuts a file into the lines that the job on files reads, wherever the chunks end', async () => {
  const file = Buffer.from('\xef\xbb\xbf{"a":1}\r\n\n \t\r\nno\rbreak\n\xa0\n\xff\xfe\r\r\nlast', 'latin1');
  const expected = linesOf(file).map(({ bytes }) => bytes.toString('latin1'));
  expect(expected).toEqual(['{"a":1}', 'no\rbreak', '\xa0', '\xff\xfe\r', 'last']);
  for (const size of [1, 2, 3, 7, 1_000]) {
    const chunks = Array.from({ length: Math.ceil(file.length / size) }, (_, i) =>
      file.subarray(i * size, (i + 1) * size),
    );
    const found: string[] = [];
    for await (const line of feedLines(chunks)) found.push(line.toString('latin1'));
    expect(found).toEqual(expected);
  }
});
