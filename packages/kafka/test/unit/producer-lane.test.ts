/** One topic's events on their way to a client that a test stands for. */
import { silentLogger, type Cancellable } from 'millrace';
import { expect, it } from 'vitest';
import { kafkaError } from '../../src/driver/kafka-error.ts';
import { NOBODY, type Entry } from '../../src/producer/entry.ts';
import { Lane } from '../../src/producer/lane.ts';
import type { LaneHost } from '../../src/producer/lane-host.ts';
import { verdictOf } from '../../src/producer/verdict.ts';

const TOO_LARGE = 10;
const NOT_AUTHORISED = 29;
const NO_TIMER: Cancellable = { cancel: () => undefined };

/** A lane with so many events, what it has handed to the client, and the clock. */
async function laneOf(events: number) {
  const sent: Entry[] = [];
  const reasons: string[] = [];
  let nowMs = 0;
  const host: LaneHost = {
    clock: { now: () => nowMs, monotonic: () => nowMs },
    scheduler: { after: () => NO_TIMER, defer: () => undefined },
    logger: silentLogger,
    deliveryTimeoutMs: 1_000_000,
    // Nothing is so slow that it would be opened.
    openLog: () => Promise.reject(new Error('no disk')),
    keepRefused: ({ seq }) => {
      reasons.push(`${seq} is kept`);
      return Promise.resolve();
    },
    partitionsOf: () => Promise.resolve(1),
    send(_, __, entry) {
      sent.push(entry);
      return true;
    },
    replaceClient: () => lane.restart(),
    pumpSoon: () => undefined,
    freed: () => undefined,
  };
  const lane = new Lane('orders', host);
  for (let i = 0; i < events; i++)
    lane.add({ topic: 'orders', partition: 0, key: null, value: null, timestamp: 1, headers: [] }, NOBODY, nowMs, 1);
  lane.pump(); // asks for the partitions
  await Promise.resolve();
  /** What the client is given now, by number. */
  const given = (): number[] => {
    sent.length = 0;
    lane.pump();
    return sent.map(({ seq }) => seq);
  };
  const pass = (ms: number): void => void (nowMs += ms);
  return { lane, given, sent, reasons, pass };
}

it('who was in a batch that was refused is sent with no other: a refusal is about that record, then', async () => {
  const { lane, given, sent, reasons } = await laneOf(4);
  expect(given()).toEqual([1, 2, 3, 4]);
  const [, , third, fourth] = sent as [Entry, Entry, Entry, Entry];
  third.suspect = true;
  lane.failed(fourth, kafkaError('produce', { code: TOO_LARGE, message: 'too large' }));
  // The first two are above suspicion. The third waits for them, and the fourth for the third.
  expect(given()).toEqual([1, 2]);
  for (const entry of [...sent]) lane.delivered(entry, { topic: 'orders', partition: 0, offset: 0 });
  expect(given()).toEqual([3]);
  lane.delivered(third, { topic: 'orders', partition: 0, offset: 2 });
  expect(given()).toEqual([4]);
  lane.failed(fourth, kafkaError('produce', { code: TOO_LARGE, message: 'too large' }));
  await Promise.resolve();
  expect([reasons, lane.inMemory]).toEqual([['4 is kept'], 0]);
});

it('events that their user may not write wait longer each time, up to a minute, and from the start once one was taken', async () => {
  const { lane, given, sent, pass } = await laneOf(2);
  const waits: number[] = [];
  const denied = (): void => {
    lane.failed(sent[0] as Entry, kafkaError('produce', { code: NOT_AUTHORISED, message: 'not authorised' }));
    let ms = 0;
    for (; given().length === 0; ms += 500) pass(500);
    waits.push(ms);
  };
  expect(given()).toEqual([1, 2]);
  for (let i = 0; i < 8; i++) denied();
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  lane.delivered(sent[0] as Entry, { topic: 'orders', partition: 0, offset: 0 });
  sent.shift();
  denied();
  expect(waits.at(-1)).toBe(1_000);
});

it.each([
  [3, 'unknown topic'],
  [-188, 'unknown topic'],
  [-190, 'unknown topic'],
  [TOO_LARGE, 'suspect'],
  [87, 'suspect'],
  [17, 'refused'],
  [44, 'refused'],
  [NOT_AUTHORISED, 'denied'],
  [31, 'denied'],
  [-192, 'expired'],
  [7, 'again'],
  [-195, 'again'],
])('code %i is told as: %s', (code, verdict) => {
  expect(verdictOf(kafkaError('produce', { code, message: 'as a test wants it' }))).toBe(verdict);
});
