import { MillraceError, type Machine, type ProcessId } from 'millrace';
import { textOf, utf8Of } from '../../bytes/utf8.ts';
import { ignoreMissing } from './recover-segment.ts';

/** Folders that a producer of this very process works in, by file system, since there are modelled ones. */
const claimed = new WeakMap<object, Set<string>>();

/** Of a record: the owner with the highest number has the folder. */
const RECORD = /^owner-(\d+)$/;

/**
 * Makes sure that one process works in the folder: two would deliver everything twice, and remove each other's files. `owner-1` holds
 * who it is, as JSON; of a process that is gone it is taken over at once, by `owner-2`, which only one can make.
 *
 * @returns what gives the folder back
 * @throws MillraceError `CHECKPOINT_OWNED`
 */
export async function ownFolder(folder: string, machine: Machine): Promise<() => Promise<void>> {
  const { files, host } = machine;
  const here = claimed.get(files) ?? new Set<string>();
  claimed.set(files, here);
  if (here.has(folder)) throw owned(folder, host.self);
  here.add(folder);
  const own = `${folder}/owner.${host.self.host}.${host.self.pid}.tmp`;
  try {
    const file = await files.create(own);
    await file.append(utf8Of(JSON.stringify(host.self)));
    await file.close();
    const path = await take(folder, own, machine);
    return async () => {
      here.delete(folder);
      await files.remove(path).catch(() => undefined);
    };
  } catch (error) {
    here.delete(folder);
    throw error;
  } finally {
    await files.remove(own).catch(() => undefined);
  }
}

/** @returns the path of the record */
async function take(folder: string, own: string, machine: Machine): Promise<string> {
  const { files } = machine;
  for (;;) {
    const known = await deadOwners(folder, machine);
    const name = `owner-${1 + Math.max(0, ...known.map(numberOf))}`;
    const path = `${folder}/${name}`;
    if (!(await linked(files, own, path))) continue;
    try {
      // Others may have come and gone since the first look: of two that stand here now each sees the other.
      const others = (await deadOwners(folder, machine, name)).filter((other) => other !== name);
      for (const other of others) await files.remove(`${folder}/${other}`).catch(ignoreMissing);
      return path;
    } catch (error) {
      await files.remove(path).catch(ignoreMissing);
      throw error;
    }
  }
}

/** Records of owners that are gone. @throws MillraceError `CHECKPOINT_OWNED` if one lives */
async function deadOwners(folder: string, { files, host }: Machine, own?: string): Promise<readonly string[]> {
  const records = (await files.list(folder)).filter((name) => RECORD.test(name));
  for (const name of records) {
    if (name === own) continue;
    const other = await ownerIn(`${folder}/${name}`, files);
    if (other !== undefined && !isSame(other, host.self) && host.isAlive(other) !== false)
      throw owned(folder, other, name);
  }
  return records;
}

function numberOf(name: string): number {
  return Number(RECORD.exec(name)?.[1]);
}

async function linked(files: Machine['files'], from: string, to: string): Promise<boolean> {
  try {
    await files.link(from, to);
    return true;
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'EEXIST') return false;
    throw error;
  }
}

/** `undefined`: gone, or cut short by a loss of power: whoever wrote it is gone. */
async function ownerIn(path: string, files: Machine['files']): Promise<ProcessId | undefined> {
  try {
    // Written by ownFolder.
    return JSON.parse(textOf(await files.read(path)) ?? '') as ProcessId;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    ignoreMissing(error);
    return undefined;
  }
}

function isSame(a: ProcessId, b: ProcessId): boolean {
  return a.host === b.host && a.boot === b.boot && a.pid === b.pid && a.started === b.started;
}

function owned(folder: string, { pid, host }: ProcessId, record: string = 'owner-1'): MillraceError {
  return new MillraceError('CHECKPOINT_OWNED', {
    message:
      `The queue in ${folder} is in use: process ${pid} on ${host} has it (${folder}/${record}). Give each producer a directory of its ` +
      'own, or end that process; if it ran on another host and is gone, remove that file.',
    fields: { pid, host, path: folder },
  });
}
