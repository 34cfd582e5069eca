import { dataflow, memoryCheckpoints, silentLogger, string, struct, type GuardOptions } from 'millrace';
import { expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import { bootstrap, groupTool, newTopic, produce, uniqueName, valuesIn, withBroker } from '../setup/fixture.ts';

const Event = struct({ id: string() });
const WAIT = { timeout: 60_000, interval: 100 };

/** Copies events until one has arrived; returns what was warned of. */
async function warningsOf(name: string, topics: readonly [string, string], guards?: GuardOptions): Promise<string[]> {
  const [input, output] = topics;
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  const flow = dataflow(name);
  const source = kafka.topic(input, { schema: Event, onError: 'fail' });
  let seen = 0;
  const counted = flow.from('events', source).map((event) => {
    seen++;
    return event;
  });
  counted.to('out', kafka.sink(output, { schema: Event, key: ({ id }) => id }));
  const options = { bootstrap, checkpoints: memoryCheckpoints(), logger, ...(guards === undefined ? {} : { guards }) };
  const handle = await flow.run(kafka.solo(options));
  await expect.poll(() => seen, WAIT).toBeGreaterThan(0);
  await handle.stop();
  // Brokers of a machine under load are slow to answer, which is told, too.
  return warnings.filter((line) => line.startsWith('guard '));
}

withBroker('guards at the start, on a broker', () => {
  it('offsets that another consumer has committed for the group are told of, or refused', async () => {
    const [input, output] = [await newTopic('in'), await newTopic('out')];
    const name = uniqueName('job');
    await produce(input, [{ text: '{"id":"a"}' }, { text: '{"id":"b"}' }]);
    groupTool('--reset-offsets', '--group', name, '--topic', input, '--to-offset', '1', '--execute');
    await expect(warningsOf(name, [input, output], 'error')).rejects.toMatchObject({
      code: 'GUARD_REFUSED',
      fields: { guards: ['auto-commit'] },
    });
    expect(valuesIn(output)).toEqual([]);
    expect(await warningsOf(name, [input, output])).toEqual([
      expect.stringContaining(
        `guard auto-commit: group '${name}' has offsets that this job has not committed (${input}-0 at 1)`,
      ),
    ]);
  });

  it('input of one partition is told of where output has several; a job with nothing to say of is quiet', async () => {
    const [one, several, output] = [await newTopic('in'), await newTopic('in', 3), await newTopic('out', 3)];
    for (const topic of [one, several]) await produce(topic, [{ text: '{"id":"a"}' }]);
    expect(await warningsOf(uniqueName('job'), [one, output])).toEqual([
      expect.stringMatching(/^guard single-partition-input: .* has 1 partition, and output topic '.*' has 3/),
    ]);
    expect(await warningsOf(uniqueName('job'), [several, await newTopic('out', 3)], 'error')).toEqual([]);
  });
});
