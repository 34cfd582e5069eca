import { NOON, orderLine, type OrderFields } from './order-line.ts';
import type { RandomChoices } from './random.ts';

const CATEGORIES = ['"a"', '"\\u0061"', '"é"', '"🎁"', '"\\ud800"', '"__proto__"', '"a\\"b"', '""', '"\\u0000"'];
const BROKEN_VALUES = [
  'null',
  '"x"',
  '1.005',
  '1e9',
  '{}',
  '[]',
  'true',
  '-',
  '"2026-02-30T00:00:00Z"',
  '1e999',
  '007',
];
const LINE_ENDS = ['\n', '\n', '\n', '\r\n', '\n\n', '\n \t\n', '\n\r\n'];
const STRUCTURAL = ['{', '}', '"', ':', ',', '[', ']', '\\', '\u0000', ' ', '0', 'e', '-', '.', '\ufeff', '\xff', '\r'];

/** A file of random orders, some of them broken at random places, with random line ends. */
export function randomFile(random: RandomChoices): Buffer {
  const parts: Buffer[] = [];
  if (random.below(4) === 0) parts.push(Buffer.from('\ufeff'));
  const count = random.pick([0, 1, 3, 511, 512, 513, 900, 1_024]);
  let clockMs = NOON + random.below(600_000) - 300_000;
  const gapMs = random.pick([1, 20, 300, 5_000]);
  for (let index = 0; index < count; index++) {
    clockMs += random.below(2 * gapMs + 1);
    const delayMs = random.pick([0, 0, random.below(5_000), random.below(20_000), random.below(2_000_000)]);
    const line = orderLine(randomFields(random, clockMs - delayMs));
    parts.push(random.below(40) === 0 ? damaged(Buffer.from(line), random) : Buffer.from(line));
    parts.push(Buffer.from(index === count - 1 && random.below(2) === 0 ? '' : random.pick(LINE_ENDS)));
  }
  return Buffer.concat(parts);
}

function randomFields(random: RandomChoices, timeMs: number): OrderFields {
  const cents = random.pick([random.below(100_000), -random.below(5_000), random.below(10_000_000_000), 0]);
  const fields = {
    amount: random.pick([String(cents / 100), (cents / 100).toFixed(2), `${cents}e-2`, `${cents / 100}0000001`]),
    category: random.pick(CATEGORIES),
    event_time: random.pick([String(timeMs), String(timeMs), `"${new Date(timeMs).toISOString()}"`]),
  };
  if (random.below(30) !== 0) return fields;
  return { ...fields, [random.pick(['order_id', 'amount', 'category', 'event_time'])]: random.pick(BROKEN_VALUES) };
}

/** The line with one change: a byte replaced, taken out or put in, or the rest cut off. */
function damaged(line: Buffer, random: RandomChoices): Buffer {
  const at = random.below(line.length);
  const [before, after] = [line.subarray(0, at), line.subarray(at + 1)];
  const other = Buffer.from(random.pick(STRUCTURAL), 'latin1');
  const kind = random.below(4);
  if (kind === 0) return before;
  if (kind === 1) return Buffer.concat([before, after]);
  return Buffer.concat(kind === 2 ? [before, other, after] : [before, other, line.subarray(at)]);
}
