import { readFileSync } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { FileReader, FileSystem, FileWriter, Host, Machine, ProcessId } from '../../model/index.ts';

/** The real file system. */
export const nodeFiles: FileSystem = Object.freeze({
  async makeFolder(folder: string): Promise<void> {
    // Not `mkdir(..., { recursive: true })`: below /proc, where nothing can be made, Node 20 tries for ever.
    const there = await stat(folder).catch(() => undefined);
    if (there?.isDirectory() === true) return;
    const parent = path.dirname(path.resolve(folder));
    if (parent !== path.resolve(folder)) await nodeFiles.makeFolder(parent);
    try {
      await mkdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
      throw error;
    }
    await nodeFiles.syncFolder(parent);
  },
  list: (folder: string) => readdir(folder),
  async create(file: string): Promise<FileWriter> {
    const handle = await open(file, 'w');
    return {
      append: (bytes) => handle.writeFile(bytes),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  async open(file: string): Promise<FileReader> {
    const handle = await open(file, 'r');
    return {
      async read(target, offset, position) {
        return (await handle.read(target, offset, target.length - offset, position)).bytesRead;
      },
      close: () => handle.close(),
    };
  },
  read: (file: string) => readFile(file),
  rename: (from: string, to: string) => rename(from, to),
  link: (from: string, to: string) => link(from, to),
  remove: (file: string) => rm(file),
  removeFolder: (folder: string) => rmdir(folder),
  async syncFolder(folder: string): Promise<void> {
    // Windows has no folders that can be opened; there the file system keeps the order itself.
    if (process.platform === 'win32') return;
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
});

/** Numbers of processes are used again: the moment at which one began makes it unique. */
const nodeHost: Host = Object.freeze({
  self: Object.freeze({
    host: hostname(),
    boot: bootId(),
    pid: process.pid,
    started: startOf(process.pid) ?? 'unknown',
  }),
  isAlive(other: ProcessId): boolean | undefined {
    const { host, boot } = nodeHost.self;
    if (other.host !== host) return undefined;
    // The machine was started anew since: nothing of then is left.
    if (boot !== '' && other.boot !== '' && other.boot !== boot) return false;
    try {
      process.kill(other.pid, 0);
    } catch (error) {
      // Somebody else's process may not be sent signals, but it is there.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
    }
    const started = startOf(other.pid);
    return started === undefined || other.started === 'unknown' || started === other.started;
  },
});

/** The machine that this process runs on: its files, and who else runs here. For connectors that keep files of their own. */
export const nodeMachine: Machine = Object.freeze({ files: nodeFiles, host: nodeHost });

/** Identity of this run of the machine; empty where the system does not tell. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Start of a process in ticks since boot (field 22 of /proc/PID/stat); `undefined` where the system does not tell. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program may hold spaces and parentheses: fields are counted behind its end.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
