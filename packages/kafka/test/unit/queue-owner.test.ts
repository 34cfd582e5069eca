import type { FileSystem, Machine } from 'millrace';
import { nodeMachine } from 'millrace/node';
import { seededRandom } from 'millrace/testing';
import { expect, it } from 'vitest';
import { ownFolder } from '../../src/producer/queue/owner.ts';
import { newFolder } from '../setup/producer-lab.ts';

/** Processes on one machine, whose operations on files take turns as chance will have it. */
function processes(random: { next(): number }) {
  const dead = new Set<number>();
  const turn = async (): Promise<void> => {
    for (let left = Math.floor(6 * random.next()); left > 0; left--) await new Promise((go) => setImmediate(go));
  };
  const process = (pid: number): Machine => {
    const { files } = nodeMachine;
    const slow: FileSystem = {
      ...files,
      list: async (path) => (await turn(), files.list(path)),
      read: async (path) => (await turn(), files.read(path)),
      link: async (from, to) => (await turn(), files.link(from, to)),
      remove: async (path) => (await turn(), files.remove(path)),
    };
    const self = { host: 'h', boot: 'b', pid, started: String(pid) };
    return { files: slow, host: { self, isAlive: (other) => !dead.has(other.pid) } };
  };
  return { process, kill: (pid: number) => void dead.add(pid) };
}

it('of processes that find the folder of a dead one at the same time exactly one has it', async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const { process, kill } = processes(seededRandom(seed));
    const folder = newFolder();
    await ownFolder(folder, process(1));
    kill(1);
    const taken = await Promise.allSettled([2, 3, 4].map((pid) => ownFolder(folder, process(pid))));
    expect([seed, taken.filter(({ status }) => status === 'fulfilled').length]).toEqual([seed, 1]);
    for (const one of taken)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CHECKPOINT_OWNED' });
  }
});

it('never two at once, though some die as soon as they have it and others give it back', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed);
    const { process, kill } = processes(random);
    const folder = newFolder();
    const holders = new Set<number>();
    const live = async (pid: number): Promise<void> => {
      const release = await ownFolder(folder, process(pid)).catch(() => undefined);
      if (release === undefined) return;
      expect([seed, pid, [...holders]]).toEqual([seed, pid, []]);
      holders.add(pid);
      if (random.next() < 0.5) await new Promise((go) => setImmediate(go));
      holders.delete(pid);
      if (random.next() < 0.5) await release();
      else kill(pid);
    };
    await Promise.all([1, 2, 3, 4, 5].map(live));
    // Whoever comes last finds nobody alive.
    await ownFolder(folder, process(6));
  }
});
