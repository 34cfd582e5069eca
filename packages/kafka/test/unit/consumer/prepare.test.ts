import { MillraceError } from 'millrace';
import { expect, it } from 'vitest';
import { kafka, type Format } from '../../../src/index.ts';
import { cluster, committed, gate, started } from './consumer-fixture.ts';

/** Text, once `ready` has come about. */
function lookingUp(ready: () => Promise<void>, seen: (string | undefined)[] = []): Format<string> {
  let known = false;
  return {
    ...kafka.string(),
    async prepare(values) {
      seen.push(...values.map((value) => (value === null ? undefined : new TextDecoder().decode(value))));
      await ready();
      known = true;
    },
    decode(bytes) {
      if (!known) throw new MillraceError('RECORD_MALFORMED', { message: 'not looked up' });
      return kafka.string().decode(bytes);
    },
  };
}

it('hands records over once their format has looked up what it needs', async () => {
  const broker = cluster();
  broker.produce('orders', [{ value: 'a' }, { value: null }, { value: 'b' }]);
  const { opened, open } = gate();
  const seen: (string | undefined)[] = [];
  const handled: (string | null)[] = [];
  started(broker, ({ value }) => void handled.push(value), { format: lookingUp(() => opened, seen) });
  await expect.poll(() => seen).toEqual(['a', undefined, 'b']);
  expect(handled).toEqual([]);
  open();
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 3 });
  expect(handled.toSorted()).toEqual(['a', 'b', null]);
});

it('ends, and commits nothing, when that cannot be looked up', async () => {
  const broker = cluster();
  broker.produce('orders', [{ value: 'a' }]);
  const down = () => Promise.reject(new MillraceError('IO_FAILED', { message: 'the registry is down' }));
  const { ended } = started(broker, () => undefined, { format: lookingUp(down) });
  expect(await ended).toMatchObject({ code: 'IO_FAILED', message: 'the registry is down' });
  expect(committed(broker)).toEqual({});
});

it('is closed while it looks something up', async () => {
  const broker = cluster();
  broker.produce('orders', [{ value: 'a' }]);
  const told: string[] = [];
  const format: Format<string> = {
    ...kafka.string(),
    prepare(_values, signal) {
      told.push('asked');
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          told.push('aborted');
          reject(new Error('nobody waits'));
        });
      });
    },
  };
  const { consumer, ended } = started(broker, () => undefined, { format });
  await expect.poll(() => told).toEqual(['asked']);
  await consumer.close();
  expect(await ended).toBeUndefined();
  expect(told).toEqual(['asked', 'aborted']);
  expect(committed(broker)).toEqual({});
});
