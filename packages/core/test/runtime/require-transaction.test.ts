import { expect, it } from 'vitest';
import { dataflow, memory, memoryCheckpoints, memorySink, silentLogger, type Sink } from '../../src/index.ts';

/** Declares what its writer cannot do. */
function boasting(): { readonly sink: Sink<number>; readonly seen: { writes: number; aborted: number } } {
  const seen = { writes: 0, aborted: 0 };
  const sink: Sink<number> = {
    kind: 'boasting',
    guarantee: 'exactly-once',
    open: () =>
      Promise.resolve({
        buffered: 0,
        write: () => void seen.writes++,
        ready: () => true,
        flush: () => Promise.resolve(),
        finish: () => Promise.resolve(),
        abort: () => Promise.resolve(void seen.aborted++),
      }),
  };
  return { sink, seen };
}

it('a sink that declares exactly-once and opens a writer without transaction is refused, and released', async () => {
  const { sink, seen } = boasting();
  const flow = dataflow('job');
  flow.from('numbers', memory([1, 2])).to('out', sink);
  const run = flow.run({ checkpoints: memoryCheckpoints(), logger: silentLogger }).then(({ done }) => done);
  await expect(run).rejects.toMatchObject({
    code: 'GUARANTEE_UNMET',
    message: expect.stringMatching(/Sink 'out' \(boasting\).*has no transaction/),
    fields: { sink: 'out' },
  });
  expect(seen).toEqual({ writes: 0, aborted: 1 });
});

it.each([{}, { checkpoints: memoryCheckpoints(), guarantee: 'at-least-once' }] as const)(
  'it writes in a job that does not ask for it: %o',
  async (options) => {
    const { sink, seen } = boasting();
    const flow = dataflow('job');
    flow.from('numbers', memory([1, 2])).to('out', sink);
    await (
      await flow.run({ ...options, logger: silentLogger })
    ).done;
    expect(seen).toEqual({ writes: 2, aborted: 0 });
  },
);

it('a sink is told what the job promises', async () => {
  const told: unknown[] = [];
  for (const options of [{}, { checkpoints: memoryCheckpoints() }]) {
    const rows = memorySink<number>();
    const flow = dataflow('job');
    flow.from('numbers', memory([1])).to('out', {
      ...rows,
      open: (context) => {
        told.push(context.guarantee);
        return rows.open(context);
      },
    });
    await (
      await flow.run({ ...options, logger: silentLogger })
    ).done;
  }
  expect(told).toEqual([undefined, 'exactly-once']);
});
