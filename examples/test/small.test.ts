/** The small examples do what they say, and stay small. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { memorySink } from 'millrace';
import { expect, test } from 'vitest';
import * as dedupe from '../small/dedupe.ts';
import * as heartbeatAlert from '../small/heartbeat-alert.ts';
import * as movingAverage from '../small/moving-average.ts';
import * as runningTotal from '../small/running-total.ts';
import * as userSessions from '../small/user-sessions.ts';

const FOLDER = fileURLToPath(new URL('../small/', import.meta.url));

test('user sessions end after 30 minutes without a click', async () => {
  const out = memorySink<userSessions.Visit>();
  await userSessions.run(out);
  expect(out.rows.toSorted((a, b) => a.user.localeCompare(b.user) || a.clicks - b.clicks)).toEqual([
    { user: 'ada', clicks: 1, minutes: 0 },
    { user: 'ada', clicks: 3, minutes: 40 },
    { user: 'bob', clicks: 1, minutes: 0 },
  ]);
});

test('the moving average covers the last ten minutes, every minute', async () => {
  const out = memorySink<movingAverage.Average>();
  await movingAverage.run(out);
  const minute = 60_000;
  // The first windows and the last ones hold fewer readings; those in between hold ten.
  expect(out.rows).toHaveLength(24);
  expect(out.rows[0]).toEqual({ sensor: 'roof', until: minute, mean: 10, readings: 1 });
  expect(out.rows[9]).toEqual({ sensor: 'roof', until: 10 * minute, mean: 14.5, readings: 10 });
  expect(out.rows.at(-1)).toEqual({ sensor: 'roof', until: 24 * minute, mean: 24, readings: 1 });
});

test('the running total is updated with every payment, and told once at the end', async () => {
  const updates = memorySink<runningTotal.Total>();
  const final = memorySink<runningTotal.Total>();
  await runningTotal.run(updates, final);
  expect(updates.rows).toEqual([
    { customer: 'ada', payments: 1, total: 1000 },
    { customer: 'bob', payments: 1, total: 550 },
    { customer: 'ada', payments: 2, total: 1225 },
  ]);
  expect(final.rows.toSorted((a, b) => a.customer.localeCompare(b.customer))).toEqual([
    { customer: 'ada', payments: 2, total: 1225 },
    { customer: 'bob', payments: 1, total: 550 },
  ]);
});

test('a machine that falls silent raises an alert after a minute of event time', async () => {
  const out = memorySink<heartbeatAlert.Alert>();
  await heartbeatAlert.run(out);
  expect(out.rows).toEqual([
    { machine: 'fan', silentSince: 5_000 },
    { machine: 'pump', silentSince: 50_000 },
    { machine: 'pump', silentSince: 170_000 },
  ]);
});

test('a payment that was sent twice goes through once', async () => {
  const out = memorySink<dedupe.Payment>();
  await dedupe.run(out);
  expect(out.rows.map(({ id, account, time }) => `${account} ${id} ${time / 60_000}`)).toEqual([
    'ada p1 0',
    'ada p2 1',
    'bob p1 3',
    'ada p1 60',
  ]);
});

test('each is at most 60 lines long', () => {
  const files = readdirSync(FOLDER);
  expect(files).toHaveLength(5);
  for (const file of files) {
    expect(readFileSync(FOLDER + file, 'utf8').split('\n').length, file).toBeLessThanOrEqual(61);
  }
});
