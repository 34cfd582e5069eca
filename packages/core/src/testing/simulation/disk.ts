/*
 * A modelled disk. Its fault model:
 *
 * Never happens: what was made durable (file `sync` for content, `syncFolder` for names, a made folder) is lost or changes; a rename or a
 * link is half done; a read gives what was never written; two operations at once.
 *
 * Killing a process loses nothing: the system keeps what was written, durable or not.
 *
 * A loss of power, for everything that was not made durable:
 * - content appended since the last `sync` is lost from some point on (a random one), and what is kept of it may end in a torn
 *   piece: bytes of which some are zero;
 * - a new name, a rename, a link, a removal has happened or not, each on its own; but nothing happens to a name before what
 *   had happened to it earlier. A rename is one act in both folders.
 *
 * What goes wrong without a crash (simulated-files.ts): no space left, an error before an operation (nothing has happened) or
 * after it (it has, and the caller does not know).
 */
import type { Random } from '../../model/index.ts';

/** Content of a file; several names may lead to it. */
export class Inode {
  bytes = new Uint8Array(0);
  durableLength = 0;

  append(more: Uint8Array): void {
    const bytes = new Uint8Array(this.bytes.length + more.length);
    bytes.set(this.bytes);
    bytes.set(more, this.bytes.length);
    this.bytes = bytes;
  }

  sync(): void {
    this.durableLength = this.bytes.length;
  }
}

/** A change of names that a loss of power may undo. */
interface Change {
  /** Names it touches: `folder/name`. */
  readonly names: readonly string[];
  readonly apply: (names: Map<string, Entry>) => void;
}

type Entry = Inode | 'folder';

/** What a loss of power did, for the count of faults. */
export interface PowerLoss {
  readonly lostWrites: number;
  readonly tornWrites: number;
  readonly lostNames: number;
}

/** The disk of one machine. Operations are atomic; who may call them, and when, is decided elsewhere. */
export class Disk {
  /** All paths as programs see them. */
  private names = new Map<string, Entry>([['/', 'folder']]);
  private durable = new Map<string, Entry>([['/', 'folder']]);
  private changes: Change[] = [];

  exists(path: string): boolean {
    return this.names.has(path);
  }

  makeFolder(path: string): void {
    if (this.names.has(path)) return;
    const parent = parentOf(path);
    if (parent !== path) this.makeFolder(parent);
    this.names.set(path, 'folder');
    this.durable.set(path, 'folder');
  }

  list(folder: string): string[] {
    if (this.names.get(folder) !== 'folder') throw systemError('ENOENT', folder);
    const prefix = folder === '/' ? '/' : `${folder}/`;
    const names: string[] = [];
    for (const path of this.names.keys()) {
      if (path !== folder && path.startsWith(prefix) && !path.includes('/', prefix.length)) {
        names.push(path.slice(prefix.length));
      }
    }
    return names;
  }

  create(path: string): Inode {
    this.requireFolder(path);
    const there = this.names.get(path);
    if (there === 'folder') throw systemError('EISDIR', path);
    const inode = new Inode();
    this.change([path], (names) => void names.set(path, inode));
    return inode;
  }

  file(path: string): Inode {
    const entry = this.names.get(path);
    if (entry === undefined) throw systemError('ENOENT', path);
    if (entry === 'folder') throw systemError('EISDIR', path);
    return entry;
  }

  rename(from: string, to: string): void {
    const inode = this.file(from);
    this.requireFolder(to);
    this.change([from, to], (names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  link(from: string, to: string): void {
    const inode = this.file(from);
    this.requireFolder(to);
    if (this.names.has(to)) throw systemError('EEXIST', to);
    this.change([to], (names) => void names.set(to, inode));
  }

  remove(path: string): void {
    this.file(path);
    this.change([path], (names) => void names.delete(path));
  }

  removeFolder(path: string): void {
    if (this.list(path).length > 0) throw systemError('ENOTEMPTY', path);
    this.change([path], (names) => void names.delete(path));
  }

  syncFolder(folder: string): void {
    if (this.names.get(folder) !== 'folder') throw systemError('ENOENT', folder);
    const wanted = new Set<string>();
    // Backwards: with a change goes everything that happened to its names before.
    const kept: Change[] = [];
    const now: Change[] = [];
    for (const change of this.changes.toReversed()) {
      if (change.names.some((name) => parentOf(name) === folder || wanted.has(name))) {
        for (const name of change.names) wanted.add(name);
        now.unshift(change);
      } else kept.unshift(change);
    }
    for (const change of now) change.apply(this.durable);
    this.changes = kept;
  }

  /** Everything in memory is gone. */
  losePower(random: Random): PowerLoss {
    let lostNames = 0;
    const undone = new Set<string>();
    for (const change of this.changes) {
      if (change.names.some((name) => undone.has(name)) || random.next() < 0.5) {
        lostNames++;
        for (const name of change.names) undone.add(name);
      } else change.apply(this.durable);
    }
    this.changes = [];
    // Of a folder whose removal was durable before that of what it held.
    for (const path of [...this.durable.keys()].sort()) {
      if (path !== '/' && this.durable.get(parentOf(path)) !== 'folder') this.durable.delete(path);
    }
    this.names = new Map(this.durable);
    let lostWrites = 0;
    let tornWrites = 0;
    for (const inode of new Set(this.names.values())) {
      if (inode === 'folder' || inode.durableLength === inode.bytes.length) continue;
      const unsynced = inode.bytes.length - inode.durableLength;
      const kept = Math.floor(random.next() * (unsynced + 1));
      if (kept < unsynced) lostWrites++;
      inode.bytes = inode.bytes.slice(0, inode.durableLength + kept);
      if (kept > 0 && random.next() < 0.5) {
        tornWrites++;
        const tornFrom = inode.durableLength + Math.floor(random.next() * kept);
        inode.bytes.fill(0, tornFrom, tornFrom + 1 + Math.floor(random.next() * 8));
      }
      inode.durableLength = inode.bytes.length;
    }
    return { lostWrites, tornWrites, lostNames };
  }

  private requireFolder(path: string): void {
    if (this.names.get(parentOf(path)) !== 'folder') throw systemError('ENOENT', path);
  }

  private change(names: readonly string[], apply: (names: Map<string, Entry>) => void): void {
    apply(this.names);
    this.changes.push({ names, apply });
  }
}

export function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '/' : path.slice(0, at);
}

/** An error as the system gives it. */
export function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
