import { MillraceError } from '../../errors/index.ts';
import type {
  CheckpointName,
  Committed,
  FileSystem,
  JsonValue,
  SinkContext,
  SinkTransaction,
  SinkWriter,
} from '../../model/index.ts';
import { claimFolders } from './claimed-folders.ts';
import { codeOf, ioError } from './file-error.ts';
import { isWhole, OpenPart, type StagedFile } from './open-part.ts';
import { tidy } from './write-file.ts';
import { partName, unfinishedName, unfinishedPart } from './part-names.ts';

/** Bytes gathered before they are written. */
const BUFFER_BYTES = 64 * 1024;
/** Buffers waiting for the disk from which on the sink is full: 1 MiB. */
const BUFFERS_MAX = 16;
/** UTF-8 needs at most three bytes per UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** What a writer is made of. Paths are absolute. */
export interface PartWriterOptions<T> {
  readonly dir: string;
  readonly staging: string;
  /** A part is published when it has reached this size. */
  readonly partBytes: number;
  /** With checkpoints: a part is held back until it is this old, milliseconds; 0: published with the next checkpoint. */
  readonly rollEveryMs: number;
  readonly encode: (value: T) => string;
  readonly files: FileSystem;
  readonly context: SinkContext;
}

/** What a checkpoint keeps of the sink. Part of the format of manifests. */
interface Committable {
  /** The file to publish, and under which name. */
  readonly publish: (StagedFile & { readonly name: string }) | null;
  /** The part that goes on. */
  readonly open: StagedFile | null;
}

const NOTHING: Committable = { publish: null, open: null };

/**
 * Writes lines into part files. A part grows under a name nobody reads, in the staging folder, and appears complete.
 *
 *   write -> buffer -> queue of the disk -> staging/.part-0-...tmp --(rename)--> dir/part-0-....ndjson
 *
 * Without checkpoints parts are published when they are full and at the end. With them, a part ends at a cut, is made
 * durable by `prepare`, and is renamed by `commit`: a line that was seen never changes or goes, and none is seen twice.
 *
 * Lines become bytes at once: a line may be a slice of a large text, which a waiting string would keep in memory.
 */
export class PartWriter<T> implements SinkWriter<T> {
  buffered = 0;
  readonly transaction: SinkTransaction;
  private readonly o: PartWriterOptions<T>;
  private readonly files: FileSystem;
  private readonly claim: { release(): void };
  private readonly encoder = new TextEncoder();
  private buffer = new Uint8Array(BUFFER_BYTES);
  private used = 0;
  private lines = 0;
  private waiting = 0;
  /** Bytes of the current part, those on their way to the disk included. */
  private partBytes = 0;
  private partSinceMs = 0;
  private part: OpenPart | undefined;
  /** Work on the disk, one act after the other. */
  private disk: Promise<void> = Promise.resolve();
  private failure: unknown;
  private attempt: string | undefined;
  /** The next part, and the next checkpoint with checkpoints. */
  private number = 1;
  private begun = 0;
  private prepared: Committable = NOTHING;

  private constructor(options: PartWriterOptions<T>, claim: { release(): void }) {
    this.o = options;
    this.files = options.files;
    this.claim = claim;
    this.transaction = {
      recover: (attempt, last) => this.recover(attempt, last),
      cut: (name, last) => this.cut(name, last),
      prepare: () => this.prepare(),
      commit: (committed) => this.commit(committed),
    };
  }

  static async open<T>(options: PartWriterOptions<T>): Promise<SinkWriter<T>> {
    const { dir, staging, context, files } = options;
    const claim = claimFolders(files, context.name, context.partition, [dir, staging]);
    try {
      await files.makeFolder(dir);
      await files.makeFolder(staging);
      const writer = new PartWriter(options, claim);
      if (context.transactional !== true) {
        await writer.refuseEarlierParts();
        await writer.removeUnfinished(Infinity);
      }
      return writer;
    } catch (error) {
      claim.release();
      throw ioError(dir, error);
    }
  }

  write(value: T): void {
    const line = this.o.encode(value);
    if (line.includes('\n')) throw new TypeError('encode returned text with a line end in it');
    const room = line.length * BYTES_PER_UNIT + 1;
    if (this.used + room > this.buffer.length) this.pass(room);
    this.used += this.encoder.encodeInto(line, this.buffer.subarray(this.used)).written;
    this.buffer[this.used++] = 0x0a;
    this.lines++;
    this.buffered++;
  }

  ready(): boolean {
    if (this.failure !== undefined) throw ioError(this.o.dir, this.failure);
    return this.waiting < BUFFERS_MAX;
  }

  async flush(): Promise<void> {
    this.pass(0);
    await this.disk;
    this.ready();
  }

  async finish(): Promise<void> {
    this.pass(0);
    this.enqueue(async () => {
      if (this.part !== undefined) await this.publishNow();
    });
    await this.disk;
    // Left open only where publishing failed.
    await this.part?.close().catch(() => undefined);
    this.claim.release();
    this.ready();
    await tidy(async () => {
      const { staging } = this.o;
      await this.files.removeFolder(staging).catch((error: unknown) => {
        // Other sinks may share it, or have removed it.
        if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'ENOENT') throw error;
      });
    });
  }

  async abort(): Promise<void> {
    // What still waits for the disk is dropped: it could fill a part file, which would then appear.
    this.failure ??= new Error('the sink was aborted');
    await this.disk;
    await this.part?.close().catch(() => undefined);
    this.part = undefined;
    this.claim.release();
  }

  private async recover(attempt: string, last: Committed | undefined): Promise<void> {
    this.attempt = attempt;
    try {
      if (last === undefined) return await this.refuseEarlierParts();
      // It is what `prepare` returned.
      const { publish, open } = last.committable as unknown as Committable;
      this.number = last.name.id + 1;
      if (publish !== null) {
        if (await isWhole(this.files, this.o.staging, publish)) await this.publish(publish);
        // It has appeared, but whoever did that may not have come to make it durable.
        else await this.files.syncFolder(this.o.dir);
      }
      // What is left of earlier numbers is nobody's: only (N, attempt) that was committed could have been published.
      await this.removeUnfinished(last.name.id, open?.staged);
      if (open === null) return;
      this.part = await OpenPart.copy(this.files, this.o.staging, open, this.nextStaged());
      this.partBytes = this.part.bytes;
      this.partSinceMs = this.o.context.clock.monotonic();
    } catch (error) {
      throw ioError(this.o.dir, error);
    }
  }

  private cut(name: CheckpointName, last: boolean): void {
    this.pass(0);
    const { rollEveryMs, context } = this.o;
    const old = context.clock.monotonic() - this.partSinceMs >= rollEveryMs;
    const rolls = last || old || this.partBytes >= this.o.partBytes;
    if (rolls) this.partBytes = 0;
    this.prepared = NOTHING;
    this.enqueue(async () => {
      if (this.part === undefined) return;
      const staged = await this.part.sync();
      if (!rolls) {
        this.prepared = { publish: null, open: staged };
        return;
      }
      await this.part.close();
      this.part = undefined;
      const published = partName(context.partition, name.id, name.attempt);
      this.prepared = { publish: { ...staged, name: published }, open: null };
    });
  }

  private async prepare(): Promise<JsonValue> {
    await this.disk;
    this.ready();
    try {
      if (this.prepared !== NOTHING) await this.files.syncFolder(this.o.staging);
    } catch (error) {
      throw ioError(this.o.staging, error);
    }
    // Plain data, as JSON has it.
    return this.prepared as unknown as JsonValue;
  }

  private async commit({ name, committable }: Committed): Promise<void> {
    const { publish } = committable as unknown as Committable;
    try {
      if (publish !== null) await this.publish(publish);
      // From here on no other attempt can commit this number: what it has left is nobody's.
      await this.removeUnfinished(name.id);
    } catch (error) {
      throw ioError(this.o.dir, error);
    }
    this.number = name.id + 1;
  }

  /** The part appears under its name, for good. If it is no longer staged, it has appeared before. */
  private async publish({ staged, name }: { readonly staged: string; readonly name: string }): Promise<void> {
    const { dir, staging } = this.o;
    try {
      await this.files.rename(`${staging}/${staged}`, `${dir}/${name}`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    await this.files.syncFolder(dir);
  }

  /** Hands the buffer to the disk and begins a new one with at least `room` bytes. */
  private pass(room: number): void {
    if (this.used > 0) {
      const bytes = this.buffer.subarray(0, this.used);
      const { lines } = this;
      if (this.partBytes === 0) this.partSinceMs = this.o.context.clock.monotonic();
      const { partBytes: limit, context } = this.o;
      const before = this.partBytes;
      this.partBytes += bytes.length;
      this.waiting++;
      this.enqueue(() => this.append(bytes, lines));
      this.buffer = new Uint8Array(Math.max(BUFFER_BYTES, room));
      this.used = 0;
      this.lines = 0;
      if (before < limit && this.partBytes >= limit) context.requestCommit?.();
    } else if (room > this.buffer.length) this.buffer = new Uint8Array(room);
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
      this.o.context.wake();
    });
  }

  private async append(bytes: Uint8Array, lines: number): Promise<void> {
    this.part ??= await OpenPart.create(this.files, this.o.staging, this.nextStaged());
    await this.part.append(bytes);
    this.waiting--;
    this.buffered -= lines;
    const full = this.attempt === undefined && this.part.bytes >= this.o.partBytes;
    if (full && this.failure === undefined) await this.publishNow();
  }

  /** Without checkpoints: durable first, then visible. */
  private async publishNow(): Promise<void> {
    const part = this.part as OpenPart;
    const { staged } = await part.sync();
    await part.close();
    this.part = undefined;
    await this.publish({ staged, name: partName(this.o.context.partition, this.number++, undefined) });
    this.partBytes = 0;
  }

  private nextStaged(): string {
    return unfinishedName(this.o.context.partition, this.number, this.attempt, ++this.begun);
  }

  private async refuseEarlierParts(): Promise<void> {
    const existing = (await this.files.list(this.o.dir)).find((name) => name.startsWith('part-'));
    if (existing === undefined) return;
    throw new MillraceError('IO_NOT_EMPTY', {
      message: `${this.o.dir} already holds ${existing} of an earlier run. Remove the folder, or write to another one.`,
      fields: { path: this.o.dir },
    });
  }

  /** Of other attempts, with this number or a lower one. */
  private async removeUnfinished(upTo: number, kept?: string): Promise<void> {
    const { staging, context } = this.o;
    for (const name of await this.files.list(staging)) {
      const unfinished = unfinishedPart(name, context.partition);
      if (unfinished === undefined || unfinished.number > upTo || unfinished.attempt === this.attempt) continue;
      if (name === kept) continue;
      await this.files.remove(`${staging}/${name}`).catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error;
      });
    }
  }
}
