import { afterEach, expect, it, onTestFailed } from 'vitest';
import { startBroker } from '../../../../scripts/kafka/broker.mjs';
import { EXACTLY_ONCE, items, judge, PARTITIONS } from '../setup/counted-job.ts';
import { newFolder, newTopic, produce, readWithJava, uniqueName, withOwnBroker } from '../setup/fixture.ts';
import { JobProcess } from '../setup/job-process.ts';

const COUNT = 6_000;
const RATE = 1_500;

type Broker = Awaited<ReturnType<typeof startBroker>>;

withOwnBroker('a broker that goes away in the middle of transactions', () => {
  const closing: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function start(nodes: number) {
    const broker = await startBroker({ nodes });
    closing.push(() => broker.stop());
    const at = broker.bootstrap;
    const [input, output] = [await newTopic('in', PARTITIONS, {}, at), await newTopic('out', 2, {}, at)];
    await produce(input, items(0, COUNT), undefined, at);
    const program = { bootstrap: at, name: uniqueName('job'), input, output, folder: newFolder(), rate: RATE };
    const job = new JobProcess({ ...program, commitInterval: '100ms' });
    closing.push(() => job.kill());
    onTestFailed(() => console.log('what the job told last:', JSON.stringify(job.events.slice(-20))));
    return { broker, job, output };
  }

  /** Waits until the job has read more than `read` records, and commits. */
  const readMoreThan = (job: JobProcess, read: number) => job.until('checkpoint', (event) => event.read > read);

  /** Waits for a commit behind all that it has told of by now. What it has read meanwhile may be everything. */
  function goesOn(job: JobProcess) {
    const told = new Set(job.of('checkpoint'));
    return job.until('checkpoint', (event) => !told.has(event));
  }

  /** A commit tells what has been read by then, which may be more than it holds, and may be rolled back: the next one holds it. */
  async function commitsAll(job: JobProcess): Promise<void> {
    for (let all = 0; all < 2;) all = (await goesOn(job)).read === COUNT ? all + 1 : 0;
  }

  async function expectExactlyOnce(job: JobProcess, output: string, at: string): Promise<void> {
    await commitsAll(job);
    job.signal('SIGTERM');
    expect(await job.ended).toBe(0);
    expect(
      judge(
        readWithJava(output, 'read_committed', at).map(({ value }) => value),
        COUNT,
      ),
    ).toEqual(EXACTLY_ONCE);
    // It was never the watchdog that got the job going again.
    expect(job.of('restarting').filter(({ error }) => error.watchdog === true)).toEqual([]);
  }

  async function away(broker: Broker, signal: NodeJS.Signals): Promise<void> {
    await broker.kill(0, signal);
    await broker.restart(0);
  }

  it('is waited for when it is restarted in good order, and when it was killed', async () => {
    const { broker, job, output } = await start(1);
    await readMoreThan(job, 0);
    await away(broker, 'SIGTERM');
    await readMoreThan(job, 1_000);
    await away(broker, 'SIGKILL');
    await goesOn(job);
    await expectExactlyOnce(job, output, broker.bootstrap);
  });

  it('is done without where there are others', async () => {
    const { broker, job, output } = await start(3);
    await readMoreThan(job, 0);
    await broker.kill(0, 'SIGKILL');
    // All of it, with two of three brokers.
    await goesOn(job);
    await expectExactlyOnce(job, output, broker.bootstrap);
  });
});
