import { expect, it } from 'vitest';
import {
  dataflow,
  memoryCheckpoints,
  memorySink,
  silentLogger,
  type CheckpointStorage,
  type Scheduler,
  type Source,
} from '../../src/index.ts';

const INTERVAL_MS = 77;

/** A live source that has nothing. */
const silent: Source<number> = {
  kind: 'silent',
  bounded: false,
  onError: 'fail',
  open: () =>
    Promise.resolve({ partitions: [{ id: '0' }], poll: () => 'pending' as const, close: () => Promise.resolve() }),
};

/** Timers of the commit interval run when the test says so; all others by the clock. */
class HeldInterval implements Scheduler {
  private readonly held = new Set<() => void>();

  defer(task: () => void): void {
    setImmediate(task);
  }

  after(delayMs: number, task: () => void) {
    if (delayMs === INTERVAL_MS) {
      this.held.add(task);
      return { cancel: () => void this.held.delete(task) };
    }
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  }

  passes(): void {
    const due = [...this.held];
    this.held.clear();
    for (const task of due) task();
  }
}

/** Checkpoints whose commit point takes as long as the test wants; `begun` tells of each. */
function slowCommits(begun: (go: () => void) => void): CheckpointStorage {
  const inner = memoryCheckpoints();
  return {
    ...inner,
    open: async (context) => {
      const store = await inner.open(context);
      const { commitPoint } = store;
      const commit: typeof commitPoint.commit = async (record, positions) => {
        await new Promise<void>((resolve) => begun(resolve));
        await commitPoint.commit(record, positions);
      };
      return Object.assign(Object.create(store) as typeof store, {
        commitPoint: { commit, latest: () => commitPoint.latest() },
      });
    },
  };
}

it('a commit that was due while another one took longer than the interval begins as soon as that one has ended', async () => {
  const scheduler = new HeldInterval();
  const waiting: (() => void)[] = [];
  let told = (): void => undefined;
  const next = async (): Promise<() => void> => {
    while (waiting.length === 0) await new Promise<void>((resolve) => (told = resolve));
    return waiting.shift() as () => void;
  };
  const checkpoints = slowCommits((go) => {
    waiting.push(go);
    told();
  });
  const flow = dataflow('slow commits');
  flow.from('nothing', silent).to('out', memorySink());
  const handle = await flow.run({ checkpoints, commitInterval: INTERVAL_MS, scheduler, logger: silentLogger });
  scheduler.passes();
  const first = await next();
  scheduler.passes();
  scheduler.passes();
  first();
  // The interval does not pass again.
  (await next())();
  const stopped = handle.stop();
  (await next())();
  await stopped;
  expect(handle.metrics().checkpoint?.id).toBe(3);
});
