import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** What keeping letters in files asks of the disk, one promise each; tests let it fail in between. */
export interface Disk {
  /** With those above it; their names survive a loss of power. */
  makeFolder(folder: string): Promise<void>;
  /** Names in a folder; none if it does not exist. */
  names(folder: string): Promise<readonly string[]>;
  read(path: string): Promise<Uint8Array>;
  exists(path: string): Promise<boolean>;
  /** A new file whose content survives a loss of power. Refused if there is one with this name. */
  create(path: string, bytes: Uint8Array): Promise<void>;
  /** Another name for a file, made at once and by one process only. `false`: the name is taken. */
  link(path: string, name: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** One that is gone is no error. */
  remove(path: string): Promise<void>;
  /** Names in the folder survive a loss of power. */
  sync(folder: string): Promise<void>;
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The disk of this machine. */
export const nodeDisk: Disk = {
  async makeFolder(folder) {
    const first = await mkdir(folder, { recursive: true });
    if (first === undefined) return;
    for (let made = folder; made.length >= first.length; made = path.dirname(made))
      await nodeDisk.sync(path.dirname(made));
  },
  async names(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  },
  read: (path) => readFile(path),
  async exists(path) {
    try {
      await stat(path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  },
  async create(path, bytes) {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async link(path, name) {
    try {
      await link(path, name);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async sync(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
