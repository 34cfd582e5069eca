import { silentLogger } from 'millrace';
import { expect, it } from 'vitest';
import type { GivenUpRecord, OutgoingRecord } from '../../src/index.ts';
import { kafkaError } from '../../src/driver/kafka-error.ts';
import { Suspects } from '../../src/refusals/suspects.ts';
import { tryAlone, type OpenTrial } from '../../src/refusals/trial.ts';

const encoder = new TextEncoder();
const record = (i: number, more: Partial<OutgoingRecord> = {}): OutgoingRecord => ({
  topic: 'out',
  partition: 0,
  key: encoder.encode(`k${i}`),
  value: encoder.encode(`value ${i}`),
  timestamp: 1_000,
  headers: [],
  ...more,
});
const refusal = (code: number) => kafkaError('writing to out', { code, message: `Broker: ${code}` });
const report = ({ topic, key, value }: OutgoingRecord): GivenUpRecord => ({ topic, partition: 0, key, value });

/** A broker that refuses some records; after the first a producer is of no use, as with the real one. */
function broker(refuses: (record: OutgoingRecord) => number | undefined) {
  const counts = { opened: 0, closed: 0 };
  const open: OpenTrial = (failed) => {
    counts.opened++;
    let waiting: OutgoingRecord[] = [];
    let broken = false;
    return Promise.resolve({
      send(one) {
        waiting.push(one);
        return true;
      },
      flush() {
        if (broken) return new Promise(() => undefined);
        for (const one of waiting) {
          const code = refuses(one);
          if (code === undefined) continue;
          broken = true;
          failed(refusal(code), report(one));
          return new Promise(() => undefined);
        }
        waiting = [];
        return Promise.resolve();
      },
      close() {
        counts.closed++;
        return Promise.resolve();
      },
      pause: () => Promise.resolve(),
    });
  };
  return { open, counts };
}

it('a trial finds those that are refused alone, also among records that look the same in a report', async () => {
  const late = record(500, { timestamp: 9_000 });
  const records = [
    ...Array.from({ length: 200 }, (_, i) => record(i)),
    record(500),
    late,
    record(500, { timestamp: 2_000 }),
  ];
  const { open, counts } = broker((one) =>
    one === records[3] || one === records[150] || one === late ? 32 : undefined,
  );
  const refused = await tryAlone(records, open);
  expect([...refused.keys()]).toEqual([records[3], records[150], late]);
  expect(counts.closed).toBe(counts.opened);
});

it('a trial that fails for another reason condemns nobody', async () => {
  const { open, counts } = broker(() => -192);
  await expect(tryAlone([record(1)], open)).rejects.toMatchObject({ fields: { kafka: -192 } });
  expect(counts).toEqual({ opened: 1, closed: 1 });
});

it('records of a refused batch are gathered, tried, and only those refused again are kept out', async () => {
  const suspects = new Suspects(silentLogger);
  expect(suspects.watching).toBe(false);
  const batch = Array.from({ length: 5 }, (_, i) => record(i, { headers: [['h', encoder.encode('x')]] }));
  for (const one of batch) {
    const error = suspects.givenUp(refusal(10), report(one));
    expect(error).toMatchObject({ code: 'RECORD_REFUSED', retryable: true, fields: { topic: 'out', kafka: 10 } });
  }
  // The replay.
  const { open } = broker((one) => (one.key?.[1] === 50 ? 10 : undefined));
  await suspects.trial(open, 1_000_000);
  expect(suspects.admits(record(9))).toBe(true);
  expect(batch.map((one) => suspects.admits(one))).toEqual([false, false, false, false, false]);
  expect(() => suspects.settle()).toThrow(expect.objectContaining({ code: 'RECORD_REFUSED', retryable: true }));
  await suspects.trial(open, 1_000_000);
  suspects.settle();
  const outcomes = batch.map((one) => {
    try {
      return suspects.admits(one);
    } catch (error) {
      return error;
    }
  });
  const poison = expect.objectContaining({
    code: 'RECORD_REFUSED',
    retryable: false,
    message: expect.stringMatching(
      /^topic 'out' does not take the record with key "k2", 11 bytes.*max\.message\.bytes/,
    ) as string,
  }) as unknown;
  expect(outcomes).toEqual([true, true, poison, true, true]);
  // One that only looks the same is none.
  expect(suspects.admits(record(2))).toBe(true);
  expect(suspects.batchBytes).toBe(undefined);
  for (let i = 0; i < 10; i++) suspects.committed();
  expect(suspects.watching).toBe(false);
});

it('smaller batches follow where each record alone is fine; a refusal that leads to nothing becomes a failure', async () => {
  const suspects = new Suspects(silentLogger);
  const { open } = broker(() => undefined);
  const one = record(1);
  const life = async (): Promise<unknown> => {
    const error = suspects.givenUp(refusal(10), report(one));
    await suspects.trial(open, 1_000_000);
    suspects.admits(one);
    await suspects.trial(open, 1_000_000);
    return (error as { readonly code?: unknown }).code;
  };
  const sizes: (number | undefined)[] = [];
  while (suspects.batchBytes !== 1) {
    expect(await life()).toBe('RECORD_REFUSED');
    sizes.push(suspects.batchBytes);
  }
  expect(sizes).toEqual([250_000, 62_500, 15_625, 3_906, 976, 244, 61, 15, 3, 1]);
  const codes = [];
  for (let i = 0; i < 5; i++) codes.push(await life());
  expect(codes).toEqual(['RECORD_REFUSED', 'RECORD_REFUSED', 'RECORD_REFUSED', 'IO_FAILED', 'IO_FAILED']);
  suspects.committed();
  expect(await life()).toBe('RECORD_REFUSED');
});

it('what the client itself does not take is known at once', () => {
  const suspects = new Suspects(silentLogger);
  const large = record(1);
  expect(suspects.notTaken(refusal(10), large)).toMatchObject({ code: 'RECORD_REFUSED', retryable: true });
  expect(() => suspects.admits(large)).toThrow(expect.objectContaining({ code: 'RECORD_REFUSED', retryable: false }));
});

it('a neighbour of a refused record is no suspect, and a topic at fault makes none', () => {
  const suspects = new Suspects(silentLogger);
  expect(suspects.givenUp(refusal(-138), report(record(1)))).toMatchObject({ code: 'RECORD_REFUSED', retryable: true });
  const denied = suspects.givenUp(refusal(29), report(record(1)));
  expect(denied).toMatchObject({
    code: 'IO_FAILED',
    retryable: false,
    message: expect.stringContaining('WRITE') as string,
  });
  const unfit = suspects.givenUp(refusal(76), report(record(1)));
  expect(unfit).toMatchObject({
    code: 'IO_FAILED',
    retryable: false,
    message: expect.stringContaining("'out'") as string,
  });
  const passing = refusal(-192);
  expect(suspects.givenUp(passing, report(record(1)))).toBe(passing);
  expect(suspects.watching).toBe(false);
});
