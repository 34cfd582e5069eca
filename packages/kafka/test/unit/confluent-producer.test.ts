import { expect, it } from 'vitest';
import type { ClientModule } from '../../src/confluent/client-types.ts';
import { ConfluentProducer } from '../../src/confluent/confluent-producer.ts';

type Done = (error: unknown, result?: unknown) => void;

/** As the client says that a call has run out of its time and may be made again. */
const CUT_SHORT = Object.assign(new Error('Local: Timed out'), { code: -185, isRetriable: true });

/** A producer on a client whose commits answer as they are told to. */
async function committing(answer: (call: number, done: Done) => void) {
  const seen = { commits: 0, freed: 0, limits: new Set<number>() };
  class Client {
    on = (): void => undefined;
    connect = (_options: object, done: Done): void => done(null);
    setPollInBackground = (): void => undefined;
    commitTransaction = (ms: number, done: Done): void => {
      seen.limits.add(ms);
      answer(++seen.commits, done);
    };
    disconnect = (_ms: number, done: Done): void => {
      seen.freed++;
      done(null);
    };
  }
  // Of the module nothing but the producer is asked for.
  const module = { RdKafka: { Producer: Client } } as unknown as ClientModule;
  return { producer: await ConfluentProducer.open(module, {}, { failed: () => undefined }), seen };
}

it('a call about a transaction is made in slices, until it is decided', async () => {
  const { producer, seen } = await committing((call, done) => setImmediate(() => done(call < 4 ? CUT_SHORT : null)));
  await producer.commit();
  expect(seen).toMatchObject({ commits: 4, limits: new Set([10_000]) });
});

it.each([
  ['fenced', { code: -144, isRetriable: true }],
  ['timed out for good', { code: -185, isRetriable: false }],
])('what went wrong otherwise is not tried again: %s', async (message, fields) => {
  const { producer, seen } = await committing((_, done) => done(Object.assign(new Error(message), fields)));
  await expect(producer.commit()).rejects.toMatchObject({ fields: { kafka: fields.code } });
  expect(seen.commits).toBe(1);
});

it('once it is closed the call under way is the last, and the client is freed behind it', async () => {
  let finish: Done = () => undefined;
  const { producer, seen } = await committing((_, done) => (finish = done));
  const commit = producer.commit();
  await producer.close();
  expect(seen.freed).toBe(0);
  finish(CUT_SHORT);
  await expect(commit).rejects.toMatchObject({ fields: { kafka: -185 } });
  await expect.poll(() => seen.freed).toBe(1);
  expect(seen.commits).toBe(1);
});
