import { expect, test } from 'vitest';
import { parseKafkaOptions, topicsOf } from '../revenue/kafka/options.ts';
import { UsageError } from '../revenue/options/usage-error.ts';

const parse = (...flags: string[]) => parseKafkaOptions(['--kafka', 'localhost:9092', ...flags]);

test('without flags: orders.created to revenue.by-category, every 200 ms, and it goes on where it was', () => {
  const options = parse();
  expect(options).toMatchObject({ app: 'revenue', windowMs: 300_000, commitMs: 200, bounded: false, fresh: false });
  expect(topicsOf(options)).toEqual({
    input: 'orders.created',
    results: 'revenue.by-category',
    late: 'late.revenue.orders.created',
    deadLetters: 'dlq.revenue.orders.created',
  });
});

test('every flag reaches its option', () => {
  const topics = ['--input-topic', 'in', '--output-topic', 'out', '--app', 'a', '--partitions', '7'];
  const others = ['--commit', '59s', '--window', '1h', '--rate', '5', '--summary', 's', '--bounded', '--fresh'];
  expect(parse(...topics, ...others)).toMatchObject({
    ...{ inputTopic: 'in', outputTopic: 'out', app: 'a', partitions: 7, commitMs: 59_000, windowMs: 3_600_000 },
    ...{ ratePerSecond: 5, summary: 's', bounded: true, fresh: true },
  });
});

const long = 'x'.repeat(130);

test.each([
  [/--output-topic is "x", as is --input-topic/, '--input-topic', 'x', '--output-topic', 'x'],
  [
    /--output-topic is "late\.a\.x", where the job writes/,
    ...['--input-topic', 'x', '--app', 'a'],
    '--output-topic',
    'late.a.x',
  ],
  [
    /--output-topic is "dlq\.a\.x", where the job writes/,
    ...['--input-topic', 'x', '--app', 'a'],
    '--output-topic',
    'dlq.a.x',
  ],
  [/--app and --input-topic are too long: .* 266 characters, .* 249/, '--app', long, '--input-topic', long],
  [/--input-topic is "x{250}", but must be made of up to 249 /, '--input-topic', 'x'.repeat(250)],
  [/--app is "\.\."/, '--app', '..'],
  [/--commit is "60s", but must be less than 60s/, '--commit', '60s'],
  [/--commit is "1h", but must be less than 60s/, '--commit', '1h'],
])('wrong flags are errors that name them: %s', (message, ...flags) => {
  expect(() => parse(...flags)).toThrow(UsageError);
  expect(() => parse(...flags)).toThrow(message);
});
