import { fixedDelay, silentLogger, type CheckpointStorage, type JobEvent } from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import { countedJob, EXACTLY_ONCE, items, judge, PARTITIONS } from '../setup/counted-job.ts';
import { bootstrap, newFolder, newTopic, produce, readWithJava, uniqueName, withBroker } from '../setup/fixture.ts';
import { untilTransaction } from '../setup/transactions.ts';

const COUNT = 3_000;
/** The checkpoint that takes too long: there is output before it, in it and after it. */
const SLOW = 4;
/** Expired, or fenced: the answer is the same. */
const FENCED = -144;

/** A storage that once takes its time: the manifest of one checkpoint is written when `wait` has resolved. */
function slowOnce(inner: CheckpointStorage, wait: () => Promise<void>): CheckpointStorage {
  let waited = false;
  return {
    ...inner,
    async open(context) {
      const store = await inner.open(context);
      const write = store.writeManifest.bind(store);
      store.writeManifest = async (name, bytes) => {
        if (name.id === SLOW && !waited) {
          waited = true;
          await wait();
        }
        await write(name, bytes);
      };
      return store;
    },
  };
}

withBroker('a transaction that is open for longer than the broker allows', () => {
  it('is ended by the broker, taken for no rival, and done again', async () => {
    const [input, output] = [await newTopic('in', PARTITIONS), await newTopic('out', 2)];
    await produce(input, items(0, COUNT));
    const name = uniqueName('job');
    const events: JobEvent[] = [];
    const flow = countedJob({ name, input, output, until: 'end', rate: COUNT });
    const handle = await flow.run(
      kafka.solo({
        bootstrap,
        checkpoints: slowOnce(directory(newFolder()), () => untilTransaction(name, 'CompleteAbort')),
        commitInterval: '100ms',
        transactionTimeout: '2s',
        restart: fixedDelay({ attempts: 10, delay: '20ms' }),
        logger: silentLogger,
        onEvent: (event) => {
          if (event.type !== 'restoring') events.push(event);
        },
      }),
    );
    await handle.done;
    expect(handle.status).toBe('finished');
    const at = events.findIndex(({ type }) => type === 'restarting');
    expect(events[at]).toMatchObject({ error: { code: 'IO_FAILED', fields: { kafka: FENCED } } });
    // The same number again, by another attempt.
    expect(events.slice(at - 1, at + 3)).toMatchObject([
      { type: 'checkpoint', id: SLOW - 1 },
      { type: 'restarting' },
      { type: 'restored', id: SLOW - 1 },
      { type: 'checkpoint', id: SLOW },
    ]);
    expect(
      judge(
        readWithJava(output).map(({ value }) => value),
        COUNT,
      ),
    ).toEqual(EXACTLY_ONCE);
    // Everything that the broker took back was written, and nobody has seen it.
    expect(readWithJava(output, 'read_uncommitted').length).toBeGreaterThan(COUNT);
  });
});
