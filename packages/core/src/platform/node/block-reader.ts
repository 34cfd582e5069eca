import { ioError } from '../files/file-error.ts';
import type { FileSystem } from '../../model/index.ts';
import { openChunks, type ChunkSource } from './chunk-source.ts';

/** Bytes read at once: large enough that reading costs nothing beside parsing, small enough for the cache. */
const CHUNK_BYTES = 256 * 1024;
/** A longer line is an error instead of a full memory. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const NEWLINE = 10;

/** Whole lines of a file: `bytes[0 .. length)` ends with a newline, except perhaps at the end of the file. */
export interface Block {
  readonly bytes: Buffer;
  readonly length: number;
  /** Byte position of `bytes[0]` in the unpacked file. */
  readonly position: number;
}

/**
 * Reads one file in blocks of whole lines, one block ahead, in two buffers that take turns: memory is bounded whatever
 * the file's size. A block is valid until the call of `next` after the one that returned it.
 */
export class BlockReader {
  private readonly path: string;
  private readonly wake: () => void;
  private readonly files: FileSystem | undefined;
  private chunks: ChunkSource | undefined;
  /** The buffer that is being filled, how much of it is, and where in the file it begins. */
  private buffer: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  private spare: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  private filled = 0;
  private position: number;
  private state: 'loading' | 'ready' | 'end' = 'loading';
  private atEnd = false;
  private failure: unknown;
  private closed = false;

  /**
   * @param wake called when `next` has something after it returned `'pending'`
   * @param files in place of the real file system: a modelled one
   */
  constructor(path: string, position: number, wake: () => void, files?: FileSystem) {
    this.files = files;
    this.path = path;
    this.position = position;
    this.wake = wake;
    void this.load();
  }

  next(): Block | 'pending' | 'end' {
    if (this.failure !== undefined) throw ioError(this.path, this.failure);
    if (this.state === 'loading') return 'pending';
    if (this.state === 'end') return 'end';
    const { buffer, position } = this;
    const length = this.atEnd ? this.filled : buffer.lastIndexOf(NEWLINE, this.filled - 1) + 1;
    const rest = this.filled - length;
    if (this.spare.length < rest + CHUNK_BYTES) this.spare = Buffer.allocUnsafe(rest + CHUNK_BYTES);
    buffer.copy(this.spare, 0, length, this.filled);
    this.buffer = this.spare;
    this.spare = buffer;
    this.filled = rest;
    this.position = position + length;
    if (this.atEnd) this.state = 'end';
    else {
      this.state = 'loading';
      void this.load();
    }
    return { bytes: buffer, length, position };
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.chunks?.close();
  }

  /** Fills the buffer until it is full or the file ends, then until it holds a whole line. */
  private async load(): Promise<void> {
    try {
      this.chunks ??= await openChunks(this.path, this.position, this.files);
      if (this.closed) return await this.chunks.close();
      while (!this.atEnd && !this.hasLine()) {
        if (this.filled === this.buffer.length) this.grow();
        const bytes = await this.chunks.read(this.buffer, this.filled);
        if (bytes === 0) this.atEnd = true;
        this.filled += bytes;
      }
      this.state = this.filled === 0 ? 'end' : 'ready';
    } catch (error) {
      if (!this.closed) this.failure = error;
    }
    this.wake();
  }

  private hasLine(): boolean {
    return this.filled > this.buffer.length / 2 && this.buffer.lastIndexOf(NEWLINE, this.filled - 1) >= 0;
  }

  private grow(): void {
    if (this.buffer.length >= LINE_BYTES_MAX) {
      throw new Error(`the line at byte ${this.position} is longer than ${LINE_BYTES_MAX} bytes`);
    }
    const larger = Buffer.allocUnsafe(this.buffer.length * 2);
    this.buffer.copy(larger, 0, 0, this.filled);
    this.buffer = larger;
  }
}
