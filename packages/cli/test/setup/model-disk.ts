import path from 'node:path';
import type { Disk } from '../../src/files/disk.ts';

/*
 * A disk in memory. What it promises: the content of a file that was created is there after a loss of power, if its name is; names of
 * folders are; names of files are once their folder was synced, and so is that they are gone. What may happen at a loss of power: each
 * change of a name that was not synced is kept or undone, whatever becomes of the others.
 */

interface Change {
  readonly folder: string;
  readonly apply: (names: Map<string, Uint8Array>) => void;
}

const missing = (file: string): Error => Object.assign(new Error(`ENOENT: ${file}`), { code: 'ENOENT' });

export class ModelDisk implements Disk {
  private names_ = new Map<string, Uint8Array>();
  private readonly durable = new Map<string, Uint8Array>();
  private changes: Change[] = [];

  /** @param random 0 to 1 */
  losePower(random: () => number): void {
    for (const { apply } of this.changes) if (random() < 0.5) apply(this.durable);
    this.changes = [];
    this.names_ = new Map(this.durable);
  }

  /** Files in a folder, with their text. */
  files(folder: string): readonly (readonly [name: string, text: string])[] {
    return [...this.names_]
      .filter(([file]) => path.dirname(file) === folder)
      .map(([file, bytes]) => [path.basename(file), Buffer.from(bytes).toString('utf8')] as const);
  }

  makeFolder(): Promise<void> {
    return Promise.resolve();
  }

  names(folder: string): Promise<readonly string[]> {
    return Promise.resolve(this.files(folder).map(([name]) => name));
  }

  read(file: string): Promise<Uint8Array> {
    const bytes = this.names_.get(file);
    return bytes === undefined ? Promise.reject(missing(file)) : Promise.resolve(bytes);
  }

  exists(file: string): Promise<boolean> {
    const below = [...this.names_.keys()].some((name) => name.startsWith(`${file}${path.sep}`));
    return Promise.resolve(below || this.names_.has(file));
  }

  create(file: string, bytes: Uint8Array): Promise<void> {
    return this.change(path.dirname(file), (names) => names.set(file, bytes));
  }

  async link(file: string, name: string): Promise<boolean> {
    const bytes = await this.read(file);
    if (this.names_.has(name)) return false;
    await this.change(path.dirname(name), (names) => names.set(name, bytes));
    return true;
  }

  async rename(from: string, to: string): Promise<void> {
    const bytes = await this.read(from);
    await this.change(path.dirname(to), (names) => {
      names.delete(from);
      names.set(to, bytes);
    });
  }

  remove(file: string): Promise<void> {
    return this.change(path.dirname(file), (names) => names.delete(file));
  }

  sync(folder: string): Promise<void> {
    for (const { folder: of, apply } of this.changes) if (of === folder) apply(this.durable);
    this.changes = this.changes.filter(({ folder: of }) => of !== folder);
    return Promise.resolve();
  }

  private change(folder: string, apply: Change['apply']): Promise<void> {
    apply(this.names_);
    this.changes.push({ folder, apply });
    return Promise.resolve();
  }
}
