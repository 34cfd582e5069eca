import { expect, it } from 'vitest';
import { boundedOutOfOrderness, count, dataflow, memory, memorySink, session, tumbling } from '../../src/index.ts';
import { canonicalKeyBytes, keyGroupOf } from '../../src/state/index.ts';
import { pipelineDriver, type PipelineSnapshot } from '../../src/testing.ts';
import type { Click } from './support.ts';

const clicks: readonly Click[] = Array.from({ length: 3_000 }, (_, i) => ({ user: `u${(i * 7) % 60}`, at: i * 20 }));
const [first, second, third] = [clicks.slice(0, 1_000), clicks.slice(1_000, 2_000), clicks.slice(2_000)];

const groupOf = (user: string): number => keyGroupOf(canonicalKeyBytes(user));

/** The same job over any part of the clicks. */
function flowOf(part: readonly Click[]) {
  const rows = memorySink<unknown>();
  const flow = dataflow('moving');
  const watermarks = boundedOutOfOrderness<Click>('1s', (click) => click.at);
  const keyed = flow.from('clicks', memory(part), { watermarks }).keyBy((click) => click.user);
  keyed.window(tumbling('7s')).aggregate({ n: count() }).named('windows').to('windows out', rows);
  keyed
    .window(session('1s'))
    .reduce((a, b) => (a.at > b.at ? a : b))
    .named('sessions')
    .to('sessions out', rows);
  return { flow, rows };
}

/** Runs up to the end of its input without the end of time, so that open windows stay open. */
async function run(part: readonly Click[], from: PipelineSnapshot | undefined) {
  const { flow, rows } = flowOf(part);
  const driver = await pipelineDriver(flow, from === undefined ? {} : { restore: from });
  while ((driver.metrics().operators[0]?.in ?? 0) < part.length) driver.step();
  const snapshot = await driver.snapshot();
  await driver.crash();
  return { rows: [...rows.rows], snapshot };
}

/** The share of one owner: entries of its key groups, everything that is not keyed, and its input from the start. */
function shareOf(snapshots: readonly PipelineSnapshot[], owns: (keyGroup: number) => boolean): PipelineSnapshot {
  const [one] = snapshots as [PipelineSnapshot];
  const operators = one.operators.map((operator, o) => ({
    ...operator,
    state: {
      ...operator.state,
      states: operator.state.states.map((state, s) => {
        const all = snapshots.map((snapshot) => snapshot.operators[o]?.state.states[s] ?? state);
        switch (state.kind) {
          case 'keyed':
            return {
              ...state,
              entries: all.flatMap((each) =>
                each.kind === 'keyed' ? each.entries.filter(({ keyGroup }) => owns(keyGroup)) : [],
              ),
            };
          case 'slices': {
            const slices = new Map(
              all.flatMap((each) => (each.kind === 'slices' ? each.slices : [])).map((slice) => [slice.start, slice]),
            );
            const entries = all.flatMap((each) =>
              each.kind === 'slices' ? each.entries.filter(({ keyGroup }) => owns(keyGroup)) : [],
            );
            return { ...state, slices: [...slices.values()], entries };
          }
          case 'timers':
            return { ...state, timers: all.flatMap((each) => (each.kind === 'timers' ? each.timers : [])) };
          default:
            return state;
        }
      }),
    },
  }));
  const sources = one.sources.map((source) => ({
    ...source,
    partitions: source.partitions.map((partition) => ({ ...partition, position: 0, turnLeft: 512 })),
  }));
  const metrics = one.metrics.map(({ name, counts }) => ({ name, counts: { ...counts, in: 0 } }));
  return { ...one, operators, sources, metrics };
}

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

it('key groups of one job are dealt to three owners, then to two: the results are those of one', async () => {
  const one = await run(clicks, undefined);

  const begun = await run(first, undefined);
  const results: unknown[] = [...begun.rows];
  let snapshots = [begun.snapshot];
  for (const [owners, part] of [
    [3, second],
    [2, third],
  ] as const) {
    const next: PipelineSnapshot[] = [];
    for (let owner = 0; owner < owners; owner++) {
      const owns = (keyGroup: number): boolean => Math.floor((keyGroup * owners) / 128) === owner;
      // Owners see the same event time: a click that is another's moves the watermark all the same.
      const share = part.filter(({ user }) => owns(groupOf(user)));
      expect(share.length).toBeGreaterThan(100);
      const { rows, snapshot } = await run(
        [...share, ...share.slice(-1).map((click) => ({ ...click, at: -1 }))],
        shareOf(snapshots, owns),
      );
      results.push(...rows);
      next.push(snapshot);
    }
    snapshots = next;
  }
  // What is still open is compared by ending both.
  const end = async (all: readonly PipelineSnapshot[]): Promise<unknown[]> => {
    const { flow, rows } = flowOf([]);
    const driver = await pipelineDriver(flow, { restore: shareOf(all, () => true) });
    await driver.runToEnd();
    return [...rows.rows];
  };
  expect(sorted([...results, ...(await end(snapshots))])).toEqual(
    sorted([...one.rows, ...(await end([one.snapshot]))]),
  );
});
