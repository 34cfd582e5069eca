import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../../errors/index.ts';
import type { SinkContext, SinkWriter } from '../../model/index.ts';
import { ioError } from './block-reader.ts';
import { claimFolders } from './claimed-folders.ts';

/** Bytes gathered before they are written. */
const BUFFER_BYTES = 64 * 1024;
/** Buffers waiting for the disk from which on the sink is full: 1 MiB. */
const BUFFERS_MAX = 16;
const PART_DIGITS = 10;
/** UTF-8 needs at most three bytes per UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** What a writer is made of. */
export interface NdjsonWriterOptions<T> {
  readonly dir: string;
  readonly staging: string;
  readonly partBytes: number;
  readonly encode: (value: T) => string;
  readonly context: SinkContext;
}

type FileHandle = Awaited<ReturnType<typeof open>>;

/**
 * Writes lines into part files. Lines become bytes at once: a line may be a slice of a large text, which a waiting string
 * would keep in memory.
 */
export class NdjsonWriter<T> implements SinkWriter<T> {
  buffered = 0;
  private readonly options: NdjsonWriterOptions<T>;
  private readonly claim: { release(): void };
  private buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private used = 0;
  private lines = 0;
  private waiting = 0;
  private part = 0;
  private partBytes = 0;
  private file: FileHandle | undefined;
  /** Work on the disk, one act after the other. */
  private disk: Promise<void> = Promise.resolve();
  private failure: unknown;

  private constructor(options: NdjsonWriterOptions<T>, claim: { release(): void }) {
    this.options = options;
    this.claim = claim;
  }

  static async open<T>(options: NdjsonWriterOptions<T>): Promise<SinkWriter<T>> {
    const { dir, staging, context } = options;
    const claim = claimFolders(context.name, context.partition, [dir, staging]);
    try {
      await mkdir(dir, { recursive: true });
      await mkdir(staging, { recursive: true });
      const own = `part-${options.context.partition}-`;
      for (const name of await readdir(staging)) if (name.startsWith(own)) await rm(path.join(staging, name));
      const existing = (await readdir(dir)).find((name) => name.startsWith('part-'));
      if (existing === undefined) return new NdjsonWriter(options, claim);
      throw new MillraceError('IO_NOT_EMPTY', {
        message: `${dir} already holds ${existing} of an earlier run. Remove the folder, or write to another one.`,
        fields: { path: dir },
      });
    } catch (error) {
      claim.release();
      throw ioError(dir, error);
    }
  }

  write(value: T): void {
    const line = this.options.encode(value);
    if (line.includes('\n')) throw new TypeError('encode returned text with a line end in it');
    const room = line.length * BYTES_PER_UNIT + 1;
    if (this.used + room > this.buffer.length) this.pass(room);
    this.used += this.buffer.write(line, this.used);
    this.buffer[this.used++] = 0x0a;
    this.lines++;
    this.buffered++;
  }

  ready(): boolean {
    if (this.failure !== undefined) throw ioError(this.options.dir, this.failure);
    return this.waiting < BUFFERS_MAX;
  }

  async flush(): Promise<void> {
    this.pass(0);
    await this.disk;
    this.ready();
  }

  async finish(): Promise<void> {
    this.pass(0);
    this.enqueue(() => this.publish());
    await this.disk;
    // Left open only where publishing failed.
    await this.file?.close().catch(() => undefined);
    this.claim.release();
    this.ready();
    await this.removeStaging();
  }

  async abort(): Promise<void> {
    // What still waits for the disk is dropped: it could fill a part file, which would then appear.
    this.failure ??= new Error('the sink was aborted');
    await this.disk;
    await this.file?.close();
    this.file = undefined;
    this.claim.release();
  }

  /** Hands the buffer to the disk and begins a new one with at least `room` bytes. */
  private pass(room: number): void {
    if (this.used > 0) {
      const bytes = this.buffer.subarray(0, this.used);
      const { lines } = this;
      this.waiting++;
      this.enqueue(() => this.append(bytes, lines));
      this.buffer = Buffer.allocUnsafe(Math.max(BUFFER_BYTES, room));
      this.used = 0;
      this.lines = 0;
    } else if (room > this.buffer.length) this.buffer = Buffer.allocUnsafe(room);
  }

  /** After a failure nothing more is done: the part file stays unpublished. */
  private enqueue(work: () => Promise<void>): void {
    this.disk = this.disk.then(async () => {
      if (this.failure !== undefined) return;
      try {
        await work();
      } catch (error) {
        this.failure = error;
      }
      this.options.context.wake();
    });
  }

  private async append(bytes: Buffer, lines: number): Promise<void> {
    this.file ??= await open(this.stagedPath, 'w');
    await this.file.writeFile(bytes);
    this.waiting--;
    this.buffered -= lines;
    this.partBytes += bytes.length;
    if (this.partBytes >= this.options.partBytes && this.failure === undefined) await this.publish();
  }

  /** The part file appears under its name: durable first, then visible. */
  private async publish(): Promise<void> {
    if (this.file === undefined) return;
    await this.file.sync();
    await this.file.close();
    this.file = undefined;
    await rename(this.stagedPath, path.join(this.options.dir, this.partName));
    this.part++;
    this.partBytes = 0;
  }

  private get partName(): string {
    return `part-${this.options.context.partition}-${String(this.part + 1).padStart(PART_DIGITS, '0')}.ndjson`;
  }

  private get stagedPath(): string {
    return path.join(this.options.staging, this.partName);
  }

  /** Only if it is empty: other sinks may share it. */
  private async removeStaging(): Promise<void> {
    await rmdir(this.options.staging).catch(() => undefined);
  }
}
