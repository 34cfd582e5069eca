import { MillraceError } from '../../errors/index.ts';
import { openSealedJson, sealJson } from '../../internal/sealed-json.ts';
import type { CommitPoint, CommitRecord, FileSystem } from '../../model/index.ts';
import { codeOf, ioError } from './file-error.ts';
import { writeDurably } from './write-file.ts';

/*
 * `commits/<id>`, sealed JSON (internal/sealed-json.ts): { "format": 1, "id": 7, "attempt": "6f1c...", "digest": "1f2e3d4c" }
 *
 *   commits/.7-<attempt>.tmp  written, fsync  --link-->  commits/7  --> unlink the first name, fsync the folder
 *
 * A link appears under a name that is free, with its content, or fails: two processes cannot both have commit 7, and no
 * reader sees half of it. Opening `commits/7` to write it, even exclusively, would leave an empty commit after a crash.
 */
const FORMAT = 1;
const UNFINISHED = /^\.(\d+)-.+\.tmp$/;

/** The commit point of a job on files. */
export class FolderCommits implements CommitPoint {
  private readonly folder: string;
  private readonly files: FileSystem;

  constructor(place: string, files: FileSystem) {
    this.folder = `${place}/commits`;
    this.files = files;
  }

  /** @throws MillraceError `OPTION_UNSUPPORTED` where there are no hard links */
  async prepare(token: string): Promise<void> {
    const { files, folder } = this;
    const [first, second] = [`${folder}/.0-${token}.tmp`, `${folder}/.0-${token}.link.tmp`];
    await files.makeFolder(folder);
    await writeDurably(files, first, new Uint8Array(0));
    try {
      await files.link(first, second);
      await files.remove(second);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS' && code !== 'EMLINK')
        throw error;
      throw new MillraceError('OPTION_UNSUPPORTED', {
        message: `${folder} is on a file system without hard links, which commits need. Take a folder on another one.`,
        fields: { path: folder },
        cause: error,
      });
    } finally {
      await files.remove(first).catch(() => undefined);
    }
  }

  async commit(record: CommitRecord): Promise<void> {
    const { files, folder } = this;
    const path = `${folder}/${record.id}`;
    const unfinished = `${folder}/.${record.id}-${record.attempt}.tmp`;
    try {
      await writeDurably(files, unfinished, sealJson({ format: FORMAT, ...record }));
      await files.link(unfinished, path).catch((error: unknown) => this.taken(record, path, error));
      await files.remove(unfinished);
      await files.syncFolder(folder);
    } catch (error) {
      throw ioError(path, error);
    }
    // A predecessor that was paused for long may find its number free again, because it was discarded since.
    const highest = (await this.ids())[0] ?? 0;
    if (highest > record.id) throw this.fenced(record, `commit ${highest} is there already`);
  }

  /** What is read may have been linked by a process that did not come to make it durable: nobody may build upon it before. */
  async latest(): Promise<CommitRecord | undefined> {
    try {
      await this.files.syncFolder(this.folder);
    } catch (error) {
      throw ioError(this.folder, error);
    }
    return (await this.read((await this.ids()).slice(0, 1)))[0];
  }

  async all(): Promise<readonly CommitRecord[]> {
    return this.read(await this.ids());
  }

  /** Removes commits below `upTo` that are not kept, and what was left of unfinished ones. */
  async discard(kept: readonly number[], upTo: number): Promise<void> {
    const { files, folder } = this;
    for (const name of await this.names()) {
      const id = Number(UNFINISHED.exec(name)?.[1] ?? name);
      if (Number.isNaN(id) || id > upTo || (!name.startsWith('.') && kept.includes(id))) continue;
      await files.remove(`${folder}/${name}`).catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw ioError(`${folder}/${name}`, error);
      });
    }
  }

  /** The outcome of a link is not known when it fails: it may have been made. */
  private async taken(record: CommitRecord, path: string, error: unknown): Promise<void> {
    if (codeOf(error) !== 'EEXIST') throw error;
    const [there] = await this.read([record.id]);
    if (there?.attempt === record.attempt) return;
    throw this.fenced(record, `${path} is that of another attempt`);
  }

  private async ids(): Promise<readonly number[]> {
    const ids = (await this.names()).filter((name) => /^\d+$/.test(name)).map(Number);
    return ids.sort((a, b) => b - a);
  }

  private async names(): Promise<readonly string[]> {
    try {
      return await this.files.list(this.folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw ioError(this.folder, error);
    }
  }

  private async read(ids: readonly number[]): Promise<CommitRecord[]> {
    const records: CommitRecord[] = [];
    for (const id of ids) {
      const path = `${this.folder}/${id}`;
      const bytes = await this.files.read(path).catch((error: unknown) => {
        throw ioError(path, error);
      });
      // The seal says that `commit` wrote it.
      const record = openSealedJson(bytes, path) as CommitRecord & { readonly format: number };
      if (record.format !== FORMAT || record.id !== id) {
        throw new MillraceError(record.format === FORMAT ? 'CHECKPOINT_CORRUPT' : 'CHECKPOINT_VERSION', {
          message: `${path} is commit ${record.id} in format ${record.format}; commit ${id} in format ${FORMAT} was expected.`,
          fields: { path },
        });
      }
      records.push({ id: record.id, attempt: record.attempt, digest: record.digest });
    }
    return records;
  }

  private fenced({ id }: CommitRecord, why: string): MillraceError {
    return new MillraceError('CHECKPOINT_FENCED', {
      message: `Commit ${id} was refused: ${why}. Another process has taken the job over; this one stops.`,
      fields: { id },
    });
  }
}
