import { expect, test } from 'vitest';
import { checkJob } from './support/check-job.ts';
import { lines, NOON, orderLine } from './support/order-line.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

function times(...texts: readonly string[]): string[] {
  return texts.map((time, index) => orderLine({ event_time: time, category: `"${index}"` }));
}

test('event times are integers of epoch milliseconds or ISO 8601 with a zone, before and after 1970', async () => {
  const text = times(
    ...['-8640000000000000', '"0000-01-01T00:00:00Z"', '"0000-02-29T00:00:00+00:01"', '"0099-12-31T23:59:59.999Z"'],
    ...['"1600-02-29T12:00:00-00:00"', '-86400001', '-300001', '-300000', '-1', '-0', '0', '1', '1.0', '1e3', '29e4'],
    ...['"1970-01-01T00:05:00Z"', '"2000-02-29T23:59:60Z"', '"2000-02-29T23:59:59.9Z"', '951868800e3', '1.7676e12'],
    ...['"2024-02-29T12:00:00.5+01:00"', '1767614400000', '"2026-01-05T12:00:00Z"', '"2026-01-05T12:00:00.25+00:00"'],
    ...['"2026-01-05T17:45:00.123+05:45"', '"2026-01-05T00:01:01-12:00"', '"2026-01-06T11:59:59+23:59"'],
    ...[
      '"2026-01-05\\u005412:00:04Z"',
      '"9999-12-31T23:59:59.999Z"',
      '"9999-12-31T23:59:59-23:59"',
      '8639999999000000',
    ],
  );
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected.deadLetters.map(({ raw }) => raw)).toEqual([text[16]]);
});

test('everything else is malformed, and does not move the watermark', async () => {
  const date = '2026-01-05T12:00:00';
  const texts = [
    ...[date, `${date}z`, '2026-01-05t12:00:00Z', '2026-01-05 12:00:00Z', `${date} Z`, ` ${date}Z`, `${date}Z\\n`],
    ...[`${date}+0100`, `${date}+01`, `${date}+24:00`, `${date}+01:60`, `${date}+1:00`, `${date}UTC`, `${date}.Z`],
    ...[`${date}.1234Z`, `${date},5Z`, '2026-01-05T12:00Z', '2026-01-05', '2026-01-05Z', '+002026-01-05T12:00:00Z'],
    ...['2026-02-30T12:00:00Z', '2026-02-29T12:00:00Z', '1900-02-29T12:00:00Z', '2026-04-31T12:00:00Z'],
    ...['2026-13-05T12:00:00Z', '2026-00-05T12:00:00Z', '2026-01-00T12:00:00Z', '2026-01-32T12:00:00Z'],
    ...['2026-01-05T24:00:00Z', '2026-01-05T25:00:00Z', '2026-01-05T12:60:00Z', '2026-01-05T12:00:61Z'],
    ...['26-01-05T12:00:00Z', '2026-1-5T12:00:00Z', '1767614400000', '1', '', 'Order 5', 'now', '2026-W02-1T12:00:00Z'],
    ...['２026-01-05T12:00:00Z', '2026-01-05T12:00:00\u2212 01:00', '-2026-01-05T12:00:00Z', '2026-001T12:00:00Z'],
  ].map((text) => `"${text}"`);
  const values = ['1.5', '1767614400000.5', '1e16', '-1e16', '1e999', 'true', 'null', '[1767614400000]', '{}', '1e-1'];
  const text = times(...texts, ...values);
  const { expected } = await checkJob({
    folder: temporaryFolder(),
    files: { 'a.ndjson': lines(...text, orderLine(), orderLine({ event_time: NOON - 86_400_000 }), ...text) },
  });
  expect(expected).toMatchObject({ aggregated: 1, late: { length: 1 }, deadLetters: { length: 2 * text.length } });
  expect(expected.deadLetters[0]?.time).toBe(null);
  expect(expected.deadLetters.at(-1)?.time).toBe(NOON);
});

test('a record is late exactly when the watermark has reached the end of its window', async () => {
  const end = NOON + 300_000;
  const at = (event_time: number) => orderLine({ event_time });
  const inTime = [at(end - 1), at(end + 5_000 - 1), at(end - 1), at(NOON), at(end)];
  const tooLate = [at(end + 5_000), at(end - 1), at(NOON - 1), at(end)];
  const { expected } = await checkJob({
    folder: temporaryFolder(),
    files: { 'a.ndjson': lines(...inTime, ...tooLate) },
  });
  expect(expected.late).toEqual([at(end - 1), at(NOON - 1)]);
});

test.each([
  ['1ms', 1],
  ['13s', 13_000],
  ['7m', 420_000],
  ['1.5h', 5_400_000],
  ['11d', 950_400_000],
])('windows of %s begin at multiples of their size from 1970, also before it', async (flag, ms) => {
  const span = ms * 40;
  const text = Array.from({ length: 200 }, (_, index) => {
    const time = -Math.floor(span / 2) + Math.floor((index * span) / 200) - ((index * 7_919) % 9_000);
    return orderLine({ event_time: time, category: `"${index % 3}"`, amount: index / 100 });
  });
  await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) }, window: { flag, ms } });
});
