import { memoryCheckpoints, silentLogger, systemScheduler, systemClock } from 'millrace';
import {
  commitPointContract,
  sinkContract,
  sinkTransactionContract,
  sourceContract,
  type LifeUnderTest,
} from 'millrace/testing';
import { expect, it } from 'vitest';
import { confluentDriver, kafka } from '../../src/index.ts';
import { KafkaStore } from '../../src/session/kafka-store.ts';
import { KafkaSession } from '../../src/session/session.ts';
import { RESOURCE } from '../../src/session/session-of.ts';
import { Connection } from '../../src/settings/connection.ts';
import { driverContract } from '../contract/driver-contract.ts';
import { bootstrap, newTopic, produce, readWithJava, uniqueName, withBroker } from '../setup/fixture.ts';

withBroker('the driver on the real broker', () => {
  const cases = driverContract(() => ({ driver: confluentDriver, bootstrap, name: (what) => uniqueName(what) }));
  for (const { name, run } of cases) {
    it(name, async () => {
      await expect(run()).resolves.toBeUndefined();
    });
  }
});

withBroker('the source on the real broker', () => {
  const made = newTopicWithRecords();
  const cases = sourceContract(async () => ({
    source: kafka.topic(await made(), {
      bootstrap,
      until: 'end',
      onError: kafka.deadLetters({ bootstrap, topic: 'contract.letters' }),
    }),
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

/** Lives of one job, each in a session of its own as in a process of its own; those before it are left as a crash leaves them. */
class Lives {
  private readonly group = uniqueName('contract');
  private readonly sessions: KafkaSession[] = [];

  /** A process that has been started and has not touched the cluster. */
  open(): KafkaSession {
    const client = { 'session.timeout.ms': 1_000, 'heartbeat.interval.ms': 200 };
    const connection = new Connection('the contract', { bootstrap, client });
    const options = {
      connection,
      group: this.group,
      transactional: true,
      transactionTimeoutMs: 60_000,
      lingerMs: 0,
      prefix: '',
    };
    const session = new KafkaSession(options, { scheduler: systemScheduler, logger: silentLogger });
    this.sessions.push(session);
    return session;
  }

  async begin(): Promise<LifeUnderTest> {
    const session = this.open();
    await session.begin();
    // As the store does, which reads there what to go on from.
    session.beginning.at(await session.marker(true));
    return {
      context: { clock: systemClock, scheduler: systemScheduler, resources: { [RESOURCE]: { session } } },
      commitPoint: (name) => session.commit({ ...name, digest: '01234567' }, []),
    };
  }

  async end(): Promise<void> {
    for (const session of this.sessions) await session.close();
  }
}

withBroker('the transaction of the sink on the real broker', () => {
  const cases = sinkTransactionContract<{ readonly i: number }>(async () => {
    const topic = await newTopic('contract');
    const lives = new Lives();
    return {
      sink: kafka.sink(topic),
      records: [{ i: 1 }, { i: 2 }, { i: 3 }],
      published: () => readWithJava(topic).map(({ value }) => JSON.parse(value) as unknown),
      beginLife: () => lives.begin(),
      dispose: () => lives.end(),
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

withBroker('the transaction on the real broker as commit point', () => {
  const cases = commitPointContract(async () => {
    const topic = await newTopic('contract');
    const lives = new Lives();
    const storage = memoryCheckpoints();
    const context = { job: 'contract', token: 't', machine: undefined, onLost: () => undefined };
    const time = { clock: systemClock, scheduler: systemScheduler, logger: silentLogger };
    // One folder for all of them; whoever has it does not matter here.
    const folder = await storage.open({ ...context, ...time });
    return {
      async begin() {
        const session = lives.open();
        await session.registerSink({ name: topic, partitions: [{ replicas: 1, inSync: 1 }] });
        const store = new KafkaStore(folder, session);
        return { commitPoint: store.commitPoint, write: (name) => store.writeManifest(name, new Uint8Array(1)) };
      },
      dispose: () => lives.end(),
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
