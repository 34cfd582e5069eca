import { MillraceError } from '../../errors/index.ts';
import { openSealedJson, sealJson } from '../../internal/sealed-json.ts';
import type {
  CheckpointName,
  CheckpointStore,
  CommitRecord,
  FileSystem,
  JsonValue,
  Kept,
  SegmentWriter,
} from '../../model/index.ts';
import { FolderCommits } from './folder-commits.ts';
import { codeOf, ioError } from './file-error.ts';
import type { Owner } from './owner.ts';
import { replaceFile, writeDurably } from './write-file.ts';

/** Bytes read at once. */
const READ_BYTES = 256 * 1024;
const CHECKPOINT = /^chk-(\d+)-(.+)$/;

/**
 * Checkpoints in a folder:
 *
 *   owner                        who works with it (owner.ts)
 *   note                         what the job remembers beside its checkpoints
 *   commits/7                    checkpoint 7 is the truth (folder-commits.ts)
 *   chk-7-<attempt>/manifest     what it consists of
 *   chk-7-<attempt>/state.seg    entries that were new in it; kept as long as a later manifest names it
 *
 * Every file is written under its own name, which only this attempt uses, made durable (fsync), and so is its folder.
 */
export class DirectoryStore implements CheckpointStore {
  readonly place: string;
  readonly commitPoint: FolderCommits;
  private readonly files: FileSystem;
  private readonly owner: Owner;
  /** Folders that have a segment only: their manifests went before. */
  private readonly bare = new Set<string>();

  constructor(folder: string, files: FileSystem, owner: Owner) {
    this.place = folder;
    this.files = files;
    this.owner = owner;
    this.commitPoint = new FolderCommits(folder, files);
  }

  async createSegment(name: CheckpointName): Promise<SegmentWriter> {
    const { files } = this;
    const folder = this.folderOf(name);
    const path = `${folder}/state.seg`;
    const writer = await this.io(path, async () => {
      await files.makeFolder(folder);
      return files.create(path);
    });
    return {
      file: `${folderName(name)}/state.seg`,
      append: (bytes) => this.io(path, () => writer.append(bytes)),
      finish: () =>
        this.io(path, async () => {
          await writer.sync();
          await writer.close();
        }),
      abort: () => writer.close(),
    };
  }

  manifestFile(name: CheckpointName): string {
    return `${this.folderOf(name)}/manifest`;
  }

  async writeManifest(name: CheckpointName, bytes: Uint8Array): Promise<void> {
    const { files } = this;
    const folder = this.folderOf(name);
    const path = this.manifestFile(name);
    await this.io(path, async () => {
      await files.makeFolder(folder);
      await writeDurably(files, path, bytes);
      await files.syncFolder(folder);
    });
  }

  readManifest(name: CheckpointName): Promise<Uint8Array> {
    return this.reading(this.manifestFile(name), (path) => this.files.read(path));
  }

  async *readSegment(file: string): AsyncIterable<Uint8Array> {
    const path = `${this.place}/${file}`;
    const reader = await this.reading(path, () => this.files.open(path));
    try {
      for (let position = 0; ;) {
        const piece = new Uint8Array(READ_BYTES);
        const bytes = await this.io(path, () => reader.read(piece, 0, position));
        if (bytes === 0) return;
        position += bytes;
        yield piece.subarray(0, bytes);
      }
    } finally {
      await reader.close();
    }
  }

  commits(): Promise<readonly CommitRecord[]> {
    return this.commitPoint.all();
  }

  /** Older commits first lose their record, then their files: a record always names what is there. */
  async discard({ checkpoints, segments, upTo }: Kept): Promise<void> {
    const { files, place } = this;
    await this.commitPoint.discard(
      checkpoints.map(({ id }) => id),
      upTo,
    );
    const manifests = new Set(checkpoints.map(folderName));
    const named = new Set(segments);
    for (const folder of await this.io(place, () => files.list(place))) {
      const match = CHECKPOINT.exec(folder);
      if (match === null || Number(match[1]) > upTo || manifests.has(folder)) continue;
      const path = `${place}/${folder}`;
      if (!this.bare.has(folder)) await this.removing(`${path}/manifest`);
      this.bare.add(folder);
      if (named.has(`${folder}/state.seg`)) continue;
      this.bare.delete(folder);
      await this.removing(`${path}/state.seg`);
      await files.removeFolder(path).catch((error: unknown) => {
        // A paused predecessor may still be writing to its own.
        if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTEMPTY') throw ioError(path, error);
      });
    }
  }

  async readNote(): Promise<JsonValue | undefined> {
    const path = `${this.place}/note`;
    try {
      return openSealedJson(await this.files.read(path), path) as JsonValue;
    } catch (error) {
      // It is not made durable: after a loss of power it may be cut short, and the job begins to count anew.
      if (error instanceof MillraceError || codeOf(error) === 'ENOENT') return undefined;
      throw ioError(path, error);
    }
  }

  async writeNote(note: JsonValue): Promise<void> {
    const path = `${this.place}/note`;
    await this.io(path, () => replaceFile(this.files, path, `${path}.tmp`, sealJson(note)));
  }

  async clear(): Promise<void> {
    await this.removing(`${this.place}/note`);
    await this.discard({ checkpoints: [], segments: [], upTo: Infinity });
  }

  requireOwner(): Promise<void> {
    return this.owner.require();
  }

  close(): Promise<void> {
    return this.owner.release();
  }

  private folderOf(name: CheckpointName): string {
    return `${this.place}/${folderName(name)}`;
  }

  private async removing(path: string): Promise<void> {
    await this.files.remove(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw ioError(path, error);
    });
  }

  private async reading<R>(path: string, act: (path: string) => Promise<R>): Promise<R> {
    try {
      return await act(path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw ioError(path, error);
      throw new MillraceError('CHECKPOINT_MISSING', {
        message: `${path}, a part of a checkpoint, does not exist. Restore the file, or go back to an older checkpoint.`,
        fields: { path },
      });
    }
  }

  private async io<R>(path: string, act: () => Promise<R>): Promise<R> {
    try {
      return await act();
    } catch (error) {
      throw ioError(path, error);
    }
  }
}

function folderName({ id, attempt }: CheckpointName): string {
  return `chk-${id}-${attempt}`;
}
