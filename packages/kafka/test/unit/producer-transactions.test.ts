import { silentLogger, systemClock, systemScheduler } from 'millrace';
import { expect, it, onTestFinished } from 'vitest';
import { kafka, type ProducerOptions } from '../../src/index.ts';
import { modelBroker, type ClientHost, type Fate } from '../../src/testing.ts';

const bootstrap = 'model:9092';
const decoder = new TextDecoder();

/** A cluster whose answers to commits can be lost. */
function lab() {
  const cluster = modelBroker();
  cluster.createTopic('events', 2);
  cluster.createTopic('picky', 1, () => 87);
  const fates: Fate[] = [];
  const host: ClientHost = {
    clock: systemClock,
    scheduler: systemScheduler,
    isAlive: () => true,
    deliver: (delayMs, run) => void systemScheduler.after(delayMs, run),
    before: (step) => (step === 'transaction committed' ? fates.shift() : undefined) ?? 'answered',
    after: () => undefined,
  };
  const open = async (options: Partial<ProducerOptions> = {}) => {
    const driver = cluster.driverFor(host);
    const producer = await kafka.producer({
      bootstrap,
      driver,
      logger: silentLogger,
      transactionalId: 'tx',
      ...options,
    });
    onTestFinished(async () => void (await producer.close({ within: 0 })));
    return producer;
  };
  const values = () => cluster.records('events').map(({ value }) => decoder.decode(value ?? undefined));
  return { cluster, open, values, fates };
}

it('returns what the function returns, once all that it has sent is committed', async () => {
  const { open, values } = lab();
  const producer = await open();
  const place = await producer.transaction(async (tx) => {
    void tx.send({ topic: 'events', key: 'a', value: 1 });
    return tx.send({ topic: 'events', key: 'a', value: 2 });
  });
  expect(place).toMatchObject({ topic: 'events', offset: 1 });
  expect(values()).toEqual(['1', '2']);
});

it('transactions that are asked for together come one after the other', async () => {
  const { open, values } = lab();
  const producer = await open();
  const send = (value: number) => producer.transaction((tx) => tx.send({ topic: 'events', key: 'k', value }));
  await Promise.all([1, 2, 3, 4].map(send));
  expect(values()).toEqual(['1', '2', '3', '4']);
});

it('what the function throws comes back, and nothing of it is committed; the next one is', async () => {
  const { open, values } = lab();
  const producer = await open();
  const failing = producer.transaction(async (tx) => {
    await tx.send({ topic: 'events', value: 'never' });
    throw new TypeError('mine');
  });
  await expect(failing).rejects.toThrow(TypeError);
  await producer.transaction((tx) => tx.send({ topic: 'events', value: 'kept' }));
  expect(values()).toEqual(['"kept"']);
});

it('an event that cannot be written aborts the transaction, though nobody waits for it', async () => {
  const { open, values } = lab();
  const producer = await open();
  for (const [event, expected] of [
    [
      { topic: 'picky', value: 1 },
      { code: 'IO_FAILED', fields: { outcome: 'aborted', kafka: 87 } },
    ],
    [{ topic: 'missing', value: 1 }, { code: 'IO_NOT_FOUND' }],
    [{ topic: 'events', value: 1, partition: 5 }, { code: 'RECORD_REFUSED' }],
    [{ topic: 'events', value: undefined }, { code: 'RECORD_MALFORMED' }],
  ] as const) {
    const failing = producer.transaction((tx) => {
      void tx.send({ topic: 'events', value: 'never' });
      void tx.send(event);
    });
    await expect(failing).rejects.toMatchObject(expected);
  }
  await producer.transaction((tx) => tx.send({ topic: 'events', value: 'kept' }));
  expect(values()).toEqual(['"kept"']);
});

it('a commit without an answer: the outcome is said to be unknown, and the next transaction is written', async () => {
  for (const [fate, written] of [
    ['answer lost', ['1', '2']],
    ['request lost', ['2']],
  ] as const) {
    const { open, values, fates } = lab();
    const producer = await open();
    fates.push(fate);
    const unknown = producer.transaction((tx) => tx.send({ topic: 'events', key: 'k', value: 1 }));
    await expect(unknown).rejects.toMatchObject({ code: 'IO_FAILED', fields: { outcome: 'unknown' }, retryable: true });
    await producer.transaction((tx) => tx.send({ topic: 'events', key: 'k', value: 2 }));
    expect(values()).toEqual(written);
  }
});

it('what is sent when the transaction has ended is refused', async () => {
  const { open, values } = lab();
  const producer = await open();
  const late = await producer.transaction(async (tx) => {
    await tx.send({ topic: 'events', value: 1 });
    return tx;
  });
  await expect(late.send({ topic: 'events', value: 2 })).rejects.toThrow(/has ended/);
  expect(values()).toEqual(['1']);
});

it('a producer with a transactional id sends in transactions only, one without has none', async () => {
  const { open, cluster } = lab();
  const producer = await open();
  await expect(producer.send({ topic: 'events', value: 1 })).rejects.toMatchObject({ code: 'OPTION_UNSUPPORTED' });
  await expect(producer.enqueue({ topic: 'events', value: 1 })).rejects.toThrow(/producer.transaction/);
  await producer.close();
  await expect(producer.transaction(() => undefined)).rejects.toMatchObject({ code: 'JOB_STATE' });
  const plain = await kafka.producer({ bootstrap, driver: cluster.driver, logger: silentLogger });
  await expect(plain.transaction(() => undefined)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  await plain.close();
});

it('a producer that another one with its name has locked out stays so: it does not lock out its successor', async () => {
  const { open, values } = lab();
  const [first, second] = [await open(), await open()];
  const late = first.transaction((tx) => tx.send({ topic: 'events', key: 'k', value: 'late' }));
  await expect(late).rejects.toMatchObject({ code: 'IO_FAILED', fields: { kafka: -144 } });
  await expect(first.transaction((tx) => tx.send({ topic: 'events', key: 'k', value: 'later' }))).rejects.toMatchObject(
    {
      code: 'JOB_STATE',
      message: expect.stringContaining("another producer with transactionalId 'tx'") as string,
    },
  );
  await second.transaction((tx) => tx.send({ topic: 'events', key: 'k', value: 'second' }));
  expect(values()).toEqual(['"second"']);
  expect(await first.close()).toBe(0);
});

it('a transaction that cannot begin says that nothing is committed', async () => {
  const { cluster, open } = lab();
  let down = false;
  const driver = {
    ...cluster.driver,
    producer: (...given: Parameters<typeof cluster.driver.producer>) =>
      down ? Promise.reject(new Error('no broker')) : cluster.driver.producer(...given),
  };
  const producer = await open({ driver });
  // Its client is given up: the record was refused.
  await expect(producer.transaction((tx) => tx.send({ topic: 'picky', value: 1 }))).rejects.toThrow();
  down = true;
  await expect(producer.transaction((tx) => tx.send({ topic: 'events', value: 1 }))).rejects.toMatchObject({
    code: 'IO_FAILED',
    fields: { outcome: 'aborted' },
    retryable: true,
  });
});
