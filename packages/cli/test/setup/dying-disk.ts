import { nodeDisk, type Disk } from '../../src/files/disk.ts';

/** The death of a process. */
export class Crash extends Error {}

/** A disk whose process dies at a moment: before an operation, after it, or in the middle of a file. */
export function dyingDisk(dieAt: number, of: Disk = nodeDisk): { readonly disk: Disk; moments(): number } {
  let moments = 0;
  const moment = (): void => {
    if (++moments >= dieAt) throw new Crash();
  };
  async function dying<R>(act: () => Promise<R>): Promise<R> {
    moment();
    const result = await act();
    moment();
    return result;
  }
  const disk: Disk = {
    makeFolder: (folder) => dying(() => of.makeFolder(folder)),
    names: (folder) => dying(() => of.names(folder)),
    read: (file) => dying(() => of.read(file)),
    exists: (file) => dying(() => of.exists(file)),
    create: (file, bytes) =>
      dying(async () => {
        // Half of it, and nobody knows that it is.
        if (moments + 1 === dieAt) await of.create(file, bytes.subarray(0, bytes.length / 2));
        moment();
        await of.create(file, bytes);
      }),
    link: (file, name) => dying(() => of.link(file, name)),
    rename: (from, to) => dying(() => of.rename(from, to)),
    remove: (file) => dying(() => of.remove(file)),
    sync: (folder) => dying(() => of.sync(folder)),
  };
  return { disk, moments: () => moments };
}
