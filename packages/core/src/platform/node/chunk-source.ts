import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { FileReader, FileSystem } from '../../model/index.ts';

/** The bytes of one file, unpacked, in order. */
export interface ChunkSource {
  /** Fills `target` from `offset` on; resolves to the number of bytes, 0 at the end of the file. */
  read(target: Buffer, offset: number): Promise<number>;
  close(): Promise<void>;
}

/** Opens a file at a byte position of its unpacked content. `.gz` files are unpacked on the way, but for modelled ones (`files`). */
export async function openChunks(path: string, position: number, files?: FileSystem): Promise<ChunkSource> {
  if (files !== undefined) return new FileChunks(await files.open(path), position);
  return path.endsWith('.gz') ? GzipChunks.open(path, position) : PlainChunks.open(path, position);
}

/** A file of a modelled file system. */
class FileChunks implements ChunkSource {
  private readonly file: FileReader;
  private position: number;

  constructor(file: FileReader, position: number) {
    this.file = file;
    this.position = position;
  }

  async read(target: Buffer, offset: number): Promise<number> {
    const bytes = await this.file.read(target, offset, this.position);
    this.position += bytes;
    return bytes;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>;

class PlainChunks implements ChunkSource {
  private readonly file: FileHandle;
  private position: number;

  private constructor(file: FileHandle, position: number) {
    this.file = file;
    this.position = position;
  }

  static async open(path: string, position: number): Promise<ChunkSource> {
    return new PlainChunks(await open(path, 'r'), position);
  }

  async read(target: Buffer, offset: number): Promise<number> {
    const { bytesRead } = await this.file.read(target, offset, target.length - offset, this.position);
    this.position += bytesRead;
    return bytesRead;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** A gzip stream cannot be entered in the middle: to go on at a position, what stands before it is unpacked and skipped. */
class GzipChunks implements ChunkSource {
  private readonly gunzip: Gunzip;
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly closeFile: () => void;
  private rest: Buffer = Buffer.alloc(0);
  private skip: number;

  private constructor(gunzip: Gunzip, closeFile: () => void, position: number) {
    this.gunzip = gunzip;
    this.chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.closeFile = closeFile;
    this.skip = position;
  }

  static async open(path: string, position: number): Promise<ChunkSource> {
    // Opened once on its own, so that a missing file is an error here and not in the middle of the stream.
    await (await open(path, 'r')).close();
    const file = createReadStream(path);
    const gunzip = createGunzip();
    file.on('error', (error) => gunzip.destroy(error));
    file.pipe(gunzip);
    return new GzipChunks(gunzip, () => file.destroy(), position);
  }

  async read(target: Buffer, offset: number): Promise<number> {
    while (this.rest.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) return 0;
      const skipped = Math.min(this.skip, next.value.length);
      this.skip -= skipped;
      this.rest = next.value.subarray(skipped);
    }
    const bytes = this.rest.copy(target, offset);
    this.rest = this.rest.subarray(bytes);
    return bytes;
  }

  close(): Promise<void> {
    this.closeFile();
    this.gunzip.destroy();
    return Promise.resolve();
  }
}
