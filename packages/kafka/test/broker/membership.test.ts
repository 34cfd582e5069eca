import { fixedDelay, silentLogger, type JobEvent, type RunOptions } from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { confluentDriver, kafka, type MemberDriver } from '../../src/index.ts';
import { copyFlow } from '../setup/copy-flow.ts';
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

const PARTITIONS = 3;

const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ text: String(i), partition: i % PARTITIONS }));

const all = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What was copied, as an independent reader sees it. */
const copied = (topic: string) =>
  valuesIn(topic)
    .map(Number)
    .sort((a, b) => a - b);

const settings = (group: string, instance: string) => ({
  'bootstrap.servers': bootstrap,
  'group.id': group,
  'group.instance.id': instance,
  'session.timeout.ms': 6_000,
  'heartbeat.interval.ms': 200,
  'partition.assignment.strategy': 'range',
  'enable.auto.commit': false,
});

const solo = (folder: string, options: Partial<RunOptions>) =>
  kafka.solo({ bootstrap, checkpoints: directory(folder), logger: silentLogger, ...options });

withBroker('the group of a job', () => {
  it('shows its one member, with all partitions, to tools', async () => {
    const [input, output] = [await newTopic('in', PARTITIONS), await newTopic('out')];
    await produce(input, numbered(4_000));
    const name = uniqueName('job');
    const shown: string[] = [];
    const handle = await copyFlow(name, input, output, { until: 'end' }, 2_000).run(
      solo(newFolder(), {
        commitInterval: '50ms',
        onEvent: (event) => {
          if (event.type !== 'checkpoint' || event.id !== 3) return;
          shown.push(...groupTool('--describe', '--group', name).split('\n'));
        },
      }),
    );
    await handle.done;
    const rows = shown.filter((line) => line.startsWith(name)).map((line) => line.trim().split(/\s+/));
    // Columns: group, topic, partition, current offset, log end offset, lag, member, ...
    expect(rows.map((row) => [row[1], row[2]]).sort()).toEqual([0, 1, 2].map((i) => [input, String(i)]));
    expect(new Set(rows.map((row) => row[6])).size).toBe(1);
    expect(rows[0]?.[6]).toMatch(new RegExp(`^${name}-`));
  });

  it('commits once more before another member gets its share, and says that there is one', async () => {
    const [input, output] = [await newTopic('in', PARTITIONS), await newTopic('out')];
    await produce(input, numbered(6_000));
    const name = uniqueName('job');
    const events: JobEvent[] = [];
    const strangers: Promise<MemberDriver>[] = [];
    // Commits are so rare that the one before the other member's turn is no matter of chance.
    const handle = await copyFlow(name, input, output, { until: 'end' }, 3_000).run(
      solo(newFolder(), {
        commitInterval: '30s',
        restart: fixedDelay({ attempts: 50, delay: '100ms' }),
        onEvent: (event) => {
          events.push(event);
          if (event.type !== 'checkpoint' || strangers.length > 0) return;
          const quiet = { assigned: () => undefined, revoked: () => Promise.resolve(), lost: () => undefined };
          strangers.push(confluentDriver.member(settings(name, 'stranger'), [input], quiet));
        },
      }),
    );
    await expect.poll(() => events.some(({ type }) => type === 'restarting'), { timeout: 30_000 }).toBe(true);
    const restart = events.findIndex(({ type }) => type === 'restarting');
    const before = events.slice(0, restart).filter(({ type }) => type === 'checkpoint');
    // The one at the start, and at least one inside the revoke.
    expect(before.length).toBeGreaterThanOrEqual(2);
    expect(
      JSON.stringify(events[restart], (_, value: unknown) => (value instanceof Error ? value.message : value)),
    ).toMatch(/has another member \(stranger\), and this process was not given/);
    for (const stranger of strangers) await (await stranger).close();
    await handle.done;
    expect(copied(output)).toEqual(all(6_000));
  });
});
