import { afterEach, expect, it } from 'vitest';
import type { CountedProgram } from '../programs/counted.ts';
import { EXACTLY_ONCE, items, judge, PARTITIONS } from '../setup/counted-job.ts';
import { bootstrap, newFolder, newTopic, produce, readWithJava, uniqueName, withBroker } from '../setup/fixture.ts';
import { JobProcess } from '../setup/job-process.ts';
import { transactionState, untilTransaction } from '../setup/transactions.ts';

const COUNT = 3_000;
const FENCED = -144;

withBroker('a job that is sent signals', () => {
  const started: JobProcess[] = [];
  const start = (program: CountedProgram): JobProcess => {
    const job = new JobProcess(program);
    started.push(job);
    return job;
  };

  afterEach(async () => {
    await Promise.all(started.splice(0).map((job) => job.kill()));
  });

  async function prepare(): Promise<CountedProgram> {
    const [input, output] = [await newTopic('in', PARTITIONS), await newTopic('out', 2)];
    await produce(input, items(0, COUNT));
    return { bootstrap, name: uniqueName('job'), input, output, folder: newFolder() };
  }

  const values = (topic: string, isolation: 'read_committed' | 'read_uncommitted' = 'read_committed') =>
    readWithJava(topic, isolation).map(({ value }) => value);

  /** Stops a job where the broker has an open transaction of it; between two of them it is let go on to the next one. */
  async function stopInTransaction(job: JobProcess, id: string): Promise<void> {
    for (let last = 0; ;) {
      last = (await job.until('checkpoint', ({ id: n, read }) => n > last && read > 0)).id;
      job.signal('SIGSTOP');
      if (/Ongoing|Abort/.test(await transactionState(id))) return;
      job.signal('SIGCONT');
    }
  }

  /** Ends a job in good order when it has read everything. */
  async function endAfterAll(job: JobProcess): Promise<void> {
    await job.until('checkpoint', ({ read }) => read === COUNT);
    job.signal('SIGTERM');
    expect(await job.ended).toBe(0);
    expect(job.of('ended')).toEqual([{ type: 'ended', status: 'stopped' }]);
  }

  it('leaves nothing of an open transaction behind when it is killed, and its successor goes on at once', async () => {
    const program = await prepare();
    // Its first commit is at its start, before it has read anything; everything it writes stays in the second transaction.
    const killed = start({ ...program, commitInterval: '10m', transactionTimeout: '15m' });
    await killed.until('started');
    while (values(program.output, 'read_uncommitted').length < COUNT);
    expect(values(program.output)).toEqual([]);
    await killed.kill();
    expect(killed.of('checkpoint')).toMatchObject([{ id: 1 }]);
    // The broker would end that transaction in 15 minutes, which is more than the test has.
    const successor = start({ ...program, commitInterval: '100ms' });
    await endAfterAll(successor);
    expect(judge(values(program.output), COUNT)).toEqual(EXACTLY_ONCE);
    expect(values(program.output, 'read_uncommitted').length).toBeGreaterThan(COUNT);
  });

  it('rolls back and goes on when it was paused for longer than a transaction may take', async () => {
    const program = await prepare();
    const job = start({ ...program, rate: 1_000, commitInterval: '300ms', transactionTimeout: '2s' });
    await stopInTransaction(job, program.name);
    await untilTransaction(program.name, 'CompleteAbort');
    const before = job.of('checkpoint').length;
    job.signal('SIGCONT');
    await job.until('restarting');
    await endAfterAll(job);
    expect(job.of('checkpoint').length).toBeGreaterThan(before);
    expect(judge(values(program.output), COUNT)).toEqual(EXACTLY_ONCE);
  });

  it('stops as fenced, and adds nothing, when it wakes up and another process has taken its folder over', async () => {
    const program = await prepare();
    const paused = start({ ...program, rate: 1_000, commitInterval: '100ms' });
    await paused.until('checkpoint', ({ read }) => read > 0);
    paused.signal('SIGSTOP');
    const successor = start({ ...program, rate: 1_000, commitInterval: '100ms' });
    await successor.until('checkpoint');
    const last = paused.of('checkpoint').at(-1)?.id ?? 0;
    paused.signal('SIGCONT');
    expect(await paused.ended).toBe(1);
    expect(paused.of('failed')).toMatchObject([{ error: { code: 'CHECKPOINT_FENCED' } }]);
    // What it reports after it woke up can only be the commit that it was in when it was stopped.
    expect(paused.of('checkpoint').at(-1)?.id).toBeLessThanOrEqual(last + 1);
    await endAfterAll(successor);
    // Nobody has locked it out of the transaction. Its place in the group it may have had to take again: the client of the one that
    // woke up joins by itself, before anybody can ask whose the job is.
    expect(successor.of('restarting').filter(({ error }) => error.kafka === FENCED)).toEqual([]);
    expect(judge(values(program.output), COUNT)).toEqual(EXACTLY_ONCE);
  });
});
