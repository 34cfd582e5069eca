import { dataflow, fixedDelay, MillraceError, silentLogger, type Guarantee, type JobEvent, type Sink } from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import { bootstrap, newFolder, newTopic, produce, readWithJava, uniqueName, withBroker } from '../setup/fixture.ts';

const RECORDS = 4_000;

/** Lets a job fail once, after its second checkpoint. */
function failingOnce(checkpoints: () => number): Sink<unknown> {
  let failed = false;
  return {
    kind: 'fails once',
    guarantee: 'exactly-once',
    async open() {
      return {
        write: () => undefined,
        ready() {
          if (failed || checkpoints() < 2) return true;
          failed = true;
          throw new MillraceError('IO_FAILED', { message: 'as the test wants it', retryable: true });
        },
        buffered: 0,
        flush: () => Promise.resolve(),
        finish: () => Promise.resolve(),
        abort: () => Promise.resolve(),
        transaction: {
          recover: () => Promise.resolve(),
          cut: () => undefined,
          prepare: () => Promise.resolve(null),
          commit: () => Promise.resolve(),
        },
      };
    },
  };
}

/** Copies a topic with one failure on the way; gives how often each number was read by an independent reader. */
async function copyWithFailure(guarantee: Guarantee): Promise<ReadonlyMap<number, number>> {
  const [input, output] = [await newTopic('in', 2), await newTopic('out')];
  await produce(
    input,
    Array.from({ length: RECORDS }, (_, i) => ({ text: String(i), partition: i % 2 })),
  );
  const events: JobEvent[] = [];
  const flow = dataflow(uniqueName('job'));
  const numbers = flow.from('numbers', kafka.topic(input, { until: 'end', format: kafka.string() }), {
    rateLimit: { recordsPerSecond: 2_000 },
  });
  numbers.to('copies', kafka.sink(output, { format: kafka.string() }));
  numbers.to(
    'fails',
    failingOnce(() => events.filter(({ type }) => type === 'checkpoint').length),
  );
  const handle = await flow.run(
    kafka.solo({
      bootstrap,
      checkpoints: directory(newFolder()),
      guarantee,
      commitInterval: '50ms',
      restart: fixedDelay({ attempts: 3, delay: '10ms' }),
      logger: silentLogger,
      onEvent: (event) => void events.push(event),
    }),
  );
  await handle.done;
  expect(events.filter(({ type }) => type === 'restarting')).toHaveLength(1);
  const times = new Map<number, number>();
  for (const { value } of readWithJava(output, 'read_uncommitted')) {
    times.set(Number(value), (times.get(Number(value)) ?? 0) + 1);
  }
  if (guarantee !== 'exactly-once') return times;
  const committed = new Map<number, number>();
  for (const { value } of readWithJava(output)) committed.set(Number(value), (committed.get(Number(value)) ?? 0) + 1);
  return committed;
}

withBroker('after a failure', () => {
  it('exactly-once: each record is there once for a reader of committed ones', async () => {
    const times = await copyWithFailure('exactly-once');
    expect(times.size).toBe(RECORDS);
    expect([...times.values()].every((n) => n === 1)).toBe(true);
  });

  it('at-least-once: each record is there, some perhaps twice, without a transaction', async () => {
    const times = await copyWithFailure('at-least-once');
    expect(times.size).toBe(RECORDS);
    expect([...times.values()].every((n) => n === 1 || n === 2)).toBe(true);
  });

  it('at-most-once: no record is there twice', async () => {
    const times = await copyWithFailure('at-most-once');
    expect(times.size).toBeGreaterThan(0);
    expect([...times.values()].every((n) => n === 1)).toBe(true);
  });
});
