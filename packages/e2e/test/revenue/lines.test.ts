import { expect, test } from 'vitest';
import { checkJob } from './support/check-job.ts';
import { lines, NOON, orderLine } from './support/order-line.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const BOM = '\ufeff';
const HOUR_MS = 3_600_000;
/** Moves the watermark so far that what follows with NOON is late. */
const later = orderLine({ event_time: NOON + HOUR_MS });
const late = orderLine({ amount: 7 });

test('lines end at \\n only; a trailing \\r is dropped, blank lines are not counted', async () => {
  const blanks = ['', ' ', '\t', '\r', ' \t \r', '\r\r'];
  const text = [later, ...blanks, `${late}\r`, `${late}\r\r`, `  ${late}\t `, `${late}\r${late}`, '\f', '\u00a0', '\v'];
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected).toMatchObject({ read: 8, late: [late, `${late}\r`, `  ${late}\t `] });
  expect(expected.deadLetters.map(({ raw }) => raw)).toEqual([`${late}\r${late}`, '\f', '\u00a0', '\v']);
});

test('a byte order mark is ignored at the start of a file and nowhere else', async () => {
  const files = {
    'mark.ndjson': BOM + lines(later, BOM + late, late),
    'mark-of-malformed.ndjson': `${BOM}oops\n${late}\n`,
    'mark-of-blank.ndjson': `${BOM} \r\n${late}\n`,
    'two-marks.ndjson': `${BOM}${BOM}${late}\n`,
    'only-mark.ndjson': BOM,
  };
  const { expected } = await checkJob({ folder: temporaryFolder(), files });
  expect(expected.deadLetters.map(({ raw, position }) => [raw, position])).toEqual([
    [BOM + late, later.length + 4],
    ['oops', 0],
    [BOM + late, 0],
  ]);
});

test('the last line may lack its line end, also within a multi-byte character', async () => {
  const cut = Buffer.concat([Buffer.from(`${late}\n{"category":"`), Buffer.from([0xe7, 0x8e])]);
  const files = {
    'whole.ndjson': `${later}\n${late}`,
    'cr.ndjson': `${late}\r`,
    'cut.ndjson': cut,
    'empty.ndjson': '',
  };
  const { expected } = await checkJob({ folder: temporaryFolder(), files });
  expect(expected.read).toBe(5);
});

test('no line, no result: empty and blank files', async () => {
  const files = { 'empty.ndjson': '', 'blank.ndjson': '\n \n\r\n\t' };
  const { expected } = await checkJob({ folder: temporaryFolder(), files });
  expect(expected.read).toBe(0);
});

test('bytes that are not UTF-8 are malformed and kept as Base64', async () => {
  const bad = ['\xff', '\x80', '\xc0\x80', '\xc3', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xe2\x82', '\xf0\x9f\x8e'];
  const text = bad.flatMap((bytes) => [orderLine({ category: `"a${bytes}"` }), `${bytes}{}`, `{}${bytes}\r`]);
  const { expected } = await checkJob({
    folder: temporaryFolder(),
    files: { 'a.ndjson': Buffer.from(lines(orderLine(), ...text, late), 'latin1') },
  });
  expect(expected.deadLetters.every(({ raw_base64: raw, time }) => raw !== undefined && time === NOON)).toBe(true);
  expect(expected.deadLetters).toHaveLength(24);
});

test('lines longer than any buffer, and multi-byte characters at every offset', async () => {
  const long = (unit: string, count: number) => orderLine({ category: `"x","note":"${unit.repeat(count)}"` });
  const text = [later, long('x', 3_000_000), `{"note":"${'y'.repeat(700_000)}`];
  for (let shift = 0; shift < 4; shift++) text.push(long('é玩🎁', 20_000 + shift), ' '.repeat(shift) + late);
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected.read).toBe(11);
});
