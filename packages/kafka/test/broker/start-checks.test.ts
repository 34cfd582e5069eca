import { noRestart, silentLogger } from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { kafka, type SoloOptions, type TopicOptions } from '../../src/index.ts';
import { copyFlow, SHORT_SESSION } from '../setup/copy-flow.ts';
import {
  bootstrap,
  groupTool,
  newFolder,
  newTopic,
  produce,
  uniqueName,
  valuesIn,
  withBroker,
} from '../setup/fixture.ts';

interface Job {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly folder: string;
}

async function run(
  { name, input, output, folder }: Job,
  options: Partial<SoloOptions> = {},
  source: TopicOptions<string> = {},
) {
  const checkpoints = directory(folder);
  const given = { bootstrap, checkpoints, client: SHORT_SESSION, logger: silentLogger, ...options };
  return copyFlow(name, input, output, source).run(kafka.solo(given));
}

/** Runs until everything has been read, and stops. */
async function catchUp(job: Job, lines: number, options: Partial<SoloOptions> = {}, source: TopicOptions<string> = {}) {
  const handle = await run(job, { ...options, onEvent: () => stopAt(lines) }, source);
  const stopAt = (wanted: number): void => {
    if ((handle?.metrics().operators.at(-1)?.in ?? 0) >= wanted) void handle.stop();
  };
  await handle.done;
}

const made = async (partitions: number): Promise<Job> => ({
  name: uniqueName('job'),
  input: await newTopic('in', partitions),
  output: await newTopic('out'),
  folder: newFolder(),
});

/** As a person does with `kafka-consumer-groups --reset-offsets`. */
function resetOffsets(group: string, partition: string): void {
  const what = ['--group', group, '--reset-offsets', '--to-earliest', '--execute', '--topic', partition];
  // A static member belongs to its group until its session has run out.
  while (/inactive|NonEmpty|current state/i.test(groupTool(...what)));
}

const values = (topic: string) => valuesIn(topic).sort();

withBroker('checks at the start of a job', () => {
  it('a transaction time-out above that of the brokers is refused at once, by name', async () => {
    const job = await made(1);
    const started = run(job, { transactionTimeout: '1h', restart: noRestart() });
    await expect(started).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(
        /transactionTimeout of kafka\.solo\(\) is 3600000 ms.*transaction\.max\.timeout\.ms/,
      ) as string,
    });
  });

  it('positions that were moved by hand are refused; fresh with start: committed begins there', async () => {
    const job = await made(2);
    await produce(
      job.input,
      ['a', 'b', 'c', 'd'].map((text, i) => ({ text, partition: i % 2 })),
    );
    await catchUp(job, 4);
    resetOffsets(job.name, `${job.input}:1`);
    await expect(run(job)).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      message: expect.stringMatching(
        /stands at offset 0 of in-.*-1, but the job's last commit left it at 2.*fresh: true/,
      ) as string,
    });
    expect(values(job.output)).toEqual(['a', 'b', 'c', 'd']);
    await catchUp(job, 2, { fresh: true }, { start: 'committed' });
    expect(values(job.output)).toEqual(['a', 'b', 'b', 'c', 'd', 'd']);
  });

  it('positions of all partitions moved by hand take the marker with them: refused as well', async () => {
    const job = await made(2);
    await produce(job.input, [{ text: 'a' }, { text: 'b', partition: 1 }]);
    await catchUp(job, 2);
    resetOffsets(job.name, job.input);
    await expect(run(job)).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
    expect(values(job.output)).toEqual(['a', 'b']);
  });
});
