import { sinkContract, sourceContract } from 'millrace/testing';
import { expect, it } from 'vitest';
import { confluentDriver, kafka } from '../../src/index.ts';
import { driverContract } from '../contract/driver-contract.ts';
import { bootstrap, newTopic, produce, readWithJava, uniqueName, withBroker } from '../setup/fixture.ts';

withBroker('the driver on the real broker', () => {
  const cases = driverContract(() => ({ driver: confluentDriver, bootstrap, name: (what) => uniqueName(what) }));
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

withBroker('the source on the real broker', () => {
  const made = newTopicWithRecords();
  const cases = sourceContract(async () => ({
    source: kafka.topic(await made(), { bootstrap, until: 'end', onError: kafka.deadLetters({ bootstrap }) }),
    expected: [0, 1].map((partition) => Array.from({ length: 40 }, (_, i) => ({ partition, i }))),
    rejected: [1, 1],
  }));
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

function newTopicWithRecords(): () => Promise<string> {
  let topic: Promise<string> | undefined;
  const make = async (): Promise<string> => {
    const name = await newTopic('contract', 2);
    for (const partition of [0, 1]) {
      const good = Array.from({ length: 40 }, (_, i) => ({ partition, text: JSON.stringify({ partition, i }) }));
      await produce(name, [...good.slice(0, 20), { partition, text: 'no json' }, ...good.slice(20)], 'commit');
    }
    return name;
  };
  return () => (topic ??= make());
}

withBroker('the sink on the real broker', () => {
  const cases = sinkContract<{ readonly i: number }>(async () => {
    const topic = await newTopic('contract');
    return {
      sink: kafka.sink(topic, { bootstrap }),
      records: [{ i: 1 }, { i: 2 }, { i: 3 }],
      bad: undefined as never,
      published: () => readWithJava(topic).map(({ value }) => JSON.parse(value) as unknown),
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
