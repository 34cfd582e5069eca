import type { FileReader, FileSystem, FileWriter } from '../../model/index.ts';
import { systemError, type Disk } from './disk.ts';
import type { Operation } from './operation.ts';
import { protocolStep } from './protocol-steps.ts';
import type { SimulatedProcess } from './world.ts';

/** What happens to an operation instead of it simply being done. */
export type Interference = 'none' | 'noSpace' | 'errorBefore' | 'errorAfter';

/** Who decides about operations, and hears of them. */
export interface Operations {
  /** How long it takes, milliseconds. */
  latencyMs(): number;
  /** Before the operation takes effect. May kill the process: then nothing happens. */
  before(operation: Operation, process: SimulatedProcess): Interference;
  /** After it took effect, before the process hears of it. May kill the process. */
  after(operation: Operation, process: SimulatedProcess): void;
}

/** The modelled disk as one process sees it: every operation takes time, and a process that dies never hears of its end. */
export function simulatedFiles(disk: Disk, process: SimulatedProcess, operations: Operations): FileSystem {
  const run = <R>(name: string, path: string, act: () => R): Promise<R> =>
    new Promise((resolve, reject) => {
      process.outside(operations.latencyMs(), () => {
        const operation: Operation = { place: 'disk', name, path, step: protocolStep(name, path) };
        const interference = operations.before(operation, process);
        if (isDead(process)) return;
        if (interference === 'errorBefore') return reject(systemError('EIO', path));
        if (interference === 'noSpace') return reject(systemError('ENOSPC', path));
        let result: R;
        try {
          result = act();
        } catch (error) {
          return reject(error as Error);
        }
        operations.after(operation, process);
        if (isDead(process)) return;
        const answer = (): void => (interference === 'errorAfter' ? reject(systemError('EIO', path)) : resolve(result));
        if (process.state === 'paused') process.held.push(answer);
        else answer();
      });
    });
  const reader = (path: string): FileReader => {
    const inode = disk.file(path);
    return {
      read: (target, offset, position) =>
        run('read', path, () => {
          const part = inode.bytes.subarray(position, position + target.length - offset);
          target.set(part, offset);
          return part.length;
        }),
      close: () => Promise.resolve(),
    };
  };
  return {
    makeFolder: (path) => run('makeFolder', path, () => disk.makeFolder(path)),
    list: (path) => run('list', path, () => disk.list(path)),
    create: (path) =>
      run('create', path, (): FileWriter => {
        const inode = disk.create(path);
        return {
          append(bytes) {
            const copy = bytes.slice();
            return run('append', path, () => inode.append(copy));
          },
          sync: () => run('sync', path, () => inode.sync()),
          close: () => Promise.resolve(),
        };
      }),
    open: (path) => run('open', path, () => reader(path)),
    read: (path) => run('read', path, () => disk.file(path).bytes.slice()),
    rename: (from, to) => run('rename', to, () => disk.rename(from, to)),
    link: (from, to) => run('link', to, () => disk.link(from, to)),
    remove: (path) => run('remove', path, () => disk.remove(path)),
    removeFolder: (path) => run('removeFolder', path, () => disk.removeFolder(path)),
    syncFolder: (path) => run('syncFolder', path, () => disk.syncFolder(path)),
  };
}

/** Whether an operation has killed it: what the compiler knew of its state before does not count. */
function isDead(process: SimulatedProcess): boolean {
  return process.state === 'dead';
}
