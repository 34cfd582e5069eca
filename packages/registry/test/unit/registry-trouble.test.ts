/** Registries that are wrong, slow, strict or know less than they should: what becomes of records, secrets and calls. */
import { string, struct } from 'millrace';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { schemaRegistry } from '../../src/index.ts';
import { fakeRegistry, type FakeRegistry } from '../setup/fake-registry.ts';

const Row = struct({ a: string() });
let fake: FakeRegistry;
beforeEach(async () => {
  fake = await fakeRegistry();
});
afterEach(() => fake.stop());

const registryOf = (options: object = {}) => schemaRegistry({ url: fake.url, retryFor: '300ms', ...options });
const valueOf = (id: number, ...bytes: readonly number[]): Uint8Array => Uint8Array.from([0, 0, 0, 0, id, ...bytes]);
const failureOf = (promise: Promise<unknown> | undefined): Promise<Error> =>
  Promise.resolve(promise).then(
    () => new Error('it has not failed'),
    (error: Error) => error,
  );

it('a token is asked for with each request: those that ended are not used again', async () => {
  let tokens = 0;
  await registryOf({ auth: { token: () => `t${++tokens}` } })
    .avro(Row)
    .writer('rows');
  const sent = fake.headers.map(({ authorization }) => authorization);
  expect(sent.length).toBeGreaterThan(1);
  expect(sent).toEqual(sent.map((_, i) => `Bearer t${i + 1}`));
});

it('headers of the program go with each request, and bodies are JSON', async () => {
  await registryOf({ headers: { 'x-tenant': 'shop' } })
    .avro(Row)
    .writer('rows');
  expect(new Set(fake.headers.map((headers) => headers['x-tenant']))).toEqual(new Set(['shop']));
  expect(fake.asked).toContain('POST /subjects/rows-value/versions');
});

it('name and password of a URL are sent as a header, and stand in no error', async () => {
  fake.trouble.push(401);
  const url = fake.url.replace('http://', 'http://me:hunter%202@');
  const error = await failureOf(registryOf({ url }).avro(Row).writer('rows'));
  expect(error.message).toMatch(/Check auth of schemaRegistry\(\)/);
  expect(inspect(error, { depth: 10 })).not.toContain('hunter');
  expect(fake.headers[0]?.authorization).toBe(`Basic ${Buffer.from('me:hunter 2').toString('base64')}`);
});

it('a wrong address is an error of the job: not every record is malformed', async () => {
  const format = registryOf({ url: `${fake.url}/wrong` }).avro();
  const error = await failureOf(format.prepare([valueOf(1, 2)]));
  expect(error).toMatchObject({ code: 'IO_FAILED', message: expect.stringMatching(/address complete/) as string });
});

it.each([400, 422])('an id that no registry gives, refused with %d, makes its record malformed', async (status) => {
  fake.trouble.push(status);
  const format = registryOf().avro();
  const value = Uint8Array.from([0, 255, 255, 255, 255, 1]);
  await format.prepare([value]);
  expect(() => format.decode(value)).toThrow(expect.objectContaining({ code: 'RECORD_MALFORMED' }) as Error);
});

it('a schema whose reference is gone makes its records malformed, and is asked for again', async () => {
  const record = { type: 'record', name: 'N', fields: [{ name: 'e', type: 'X' }] };
  const references = [{ name: 'X', subject: 'gone', version: 1 }];
  fake.add('t-value', { schemaType: 'AVRO', schema: JSON.stringify(record), references }, 9);
  const format = registryOf().avro();
  await format.prepare([valueOf(9, 0)]);
  expect(() => format.decode(valueOf(9, 0))).toThrow(/version 1 of 'gone'/);
  const before = fake.asked.length;
  await format.prepare([valueOf(9, 0)]);
  expect(fake.asked.length).toBeGreaterThan(before);
});

it('a request under way is not waited for once the job has given up', async () => {
  fake.trouble.push('hangs');
  const giveUp = new AbortController();
  const asking = failureOf(
    registryOf({ timeout: '1h', retryFor: '1h' })
      .avro()
      .prepare([valueOf(1, 0)], giveUp.signal),
  );
  await expect.poll(() => fake.asked.length).toBe(1);
  giveUp.abort();
  expect((await asking).message).not.toBe('it has not failed');
  expect(fake.asked).toHaveLength(1);
});

it('those that need the same schema at once ask for it once', async () => {
  const value = (await registryOf().avro(Row).writer('rows'))({ a: 'x' });
  const format = registryOf().avro(Row);
  fake.asked.length = 0;
  await Promise.all(Array.from({ length: 10 }, async () => format.prepare([value])));
  expect(fake.asked).toHaveLength(1);
});
