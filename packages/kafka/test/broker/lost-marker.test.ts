import { silentLogger, type CheckpointStorage } from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { confluentDriver, kafka, type KafkaDriver, type Start } from '../../src/index.ts';
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

interface Given {
  readonly fresh?: boolean;
  readonly start?: Start;
  readonly driver?: KafkaDriver;
}

async function run(
  name: string,
  input: string,
  output: string,
  checkpoints: CheckpointStorage,
  { fresh = false, start = 'earliest', driver = confluentDriver }: Given = {},
): Promise<void> {
  const flow = copyFlow(name, input, output, { until: 'end', start });
  const options = { bootstrap, checkpoints, client: SHORT_SESSION, driver, logger: silentLogger, fresh };
  const handle = await flow.run(kafka.solo(options));
  await handle.done;
}

/** As the broker does when a group has had no member for `offsets.retention.minutes`. */
function forgetOffsets(group: string): void {
  for (;;) {
    const said = groupTool('--delete', '--group', group);
    if (said.includes('was successful')) return;
    // A static member belongs to its group until its session has run out.
    expect(said).toMatch(/not empty|NonEmpty/i);
  }
}

/**
 * A cluster whose coordinator ended between a decision and writing it to the group's offsets: until it is back, who does not wait
 * for what is pending sees no offsets.
 */
const decidedOnly: KafkaDriver = {
  ...confluentDriver,
  async admin(settings) {
    const admin = await confluentDriver.admin(settings);
    const committed = admin.committed.bind(admin);
    admin.committed = async (group, stable) => (stable ? committed(group, stable) : []);
    return admin;
  },
};

withBroker('a job whose group has lost its offsets', () => {
  it('is not thought to be one where its first commit was decided, and is not written yet', async () => {
    const [name, input, output] = [uniqueName('job'), await newTopic('in'), await newTopic('out')];
    const checkpoints = directory(newFolder());
    await produce(input, [{ text: 'a' }, { text: 'b' }]);
    await run(name, input, output, checkpoints);
    await run(name, input, output, checkpoints, { driver: decidedOnly });
    expect(valuesIn(output)).toEqual(['a', 'b']);
  });

  it('is refused rather than begun anew, until it is told to', async () => {
    const [name, input, output] = [uniqueName('job'), await newTopic('in'), await newTopic('out')];
    const checkpoints = directory(newFolder());
    await produce(input, [{ text: 'a' }, { text: 'b' }]);
    await run(name, input, output, checkpoints);
    await run(name, input, output, checkpoints);
    forgetOffsets(name);
    await expect(run(name, input, output, checkpoints)).rejects.toMatchObject({
      code: 'CHECKPOINT_MISSING',
      message: expect.stringContaining('offsets.retention.minutes'),
    });
    expect(valuesIn(output)).toEqual(['a', 'b']);
    await run(name, input, output, checkpoints, { fresh: true });
    expect(valuesIn(output)).toEqual(['a', 'b', 'a', 'b']);
    await run(name, input, output, checkpoints);
    expect(valuesIn(output).length).toBe(4);
  });
});

withBroker('a job that has lost its folder', () => {
  it('goes on behind its last commit, with empty state, if it is told to', async () => {
    const [name, input, output] = [uniqueName('job'), await newTopic('in'), await newTopic('out')];
    await produce(input, [{ text: 'a' }, { text: 'b' }]);
    await run(name, input, output, directory(newFolder()));
    await produce(input, [{ text: 'c' }]);
    const empty = directory(newFolder());
    await expect(run(name, input, output, empty)).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
    await run(name, input, output, empty, { fresh: true, start: 'committed' });
    expect(valuesIn(output)).toEqual(['a', 'b', 'c']);
  });
});
