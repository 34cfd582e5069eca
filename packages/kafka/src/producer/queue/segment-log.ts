import type { FileReader, FileSystem, FileWriter, Logger } from 'millrace';
import {
  bodyLength,
  decodeDone,
  decodeFrame,
  encodeDone,
  encodeFrame,
  FRAME_BYTES,
  HEAD_BYTES,
  type QueuedRecord,
} from './frame.ts';
import { cut, damaged, ignoreMissing, recoverSegment } from './recover-segment.ts';

/*
 * The queue of one topic: a folder.
 *
 *   0000000000000001.log       frames (frame.ts), named after the number of the first record
 *   0000000000000001.3.done    which of them were delivered, as the third process that worked here knows it
 *   0000000000004711.log       the last one is appended to
 *
 * A segment is removed when all of it was delivered: first its log, durably, then what was known about it. A `.done` without its
 * `.log` says nothing, and must be gone before a segment of that name is made again.
 */
interface Segment {
  readonly first: number;
  last: number;
  readonly path: string;
  /** Bytes that are durable. */
  size: number;
  /** Records that were not delivered. */
  remaining: number;
  /** Delivered as earlier processes have noted. */
  readonly before: ReadonlySet<number>;
  /** Files of what was delivered, by earlier processes and this one. */
  readonly notes: string[];
  note: FileWriter | undefined;
  noting: number[];
}

/** What a log is made of. */
export interface SegmentLogParts {
  readonly files: FileSystem;
  readonly folder: string;
  /** Size from which on a segment is not appended to, bytes. */
  readonly segmentBytes: number;
  readonly logger: Logger;
}

const LOG = /^(\d{16})\.log$/;
const NOTE = /^(\d{16})\.(\d+)\.done$/;

/** Records of one topic that are not delivered, in order. One call at a time, `done` apart. */
export class SegmentLog {
  private readonly parts: SegmentLogParts;
  private segments: Segment[] = [];
  private writer: { readonly segment: Segment; readonly file: FileWriter; fresh: boolean } | undefined;
  private broken = false;
  /** The last segment of an earlier process, until others follow it: then it is cut to what is good of it, durably. */
  private uncut: Segment | undefined;
  /** A file that could not be made, or could it? */
  private stray: string | undefined;
  /** Where is read next; without a segment: at the beginning of the next one. */
  private at: { readonly segment: Segment; offset: number } | undefined;
  /** Number of the next record. */
  nextSeq = 1;
  /** Records that were not delivered. */
  remaining = 0;

  private constructor(parts: SegmentLogParts) {
    this.parts = parts;
  }

  /** @throws MillraceError `STATE_CORRUPT` naming file and offset */
  static async open(parts: SegmentLogParts): Promise<SegmentLog> {
    const log = new SegmentLog(parts);
    await parts.files.makeFolder(parts.folder);
    await log.recover();
    return log;
  }

  get bytes(): number {
    return this.segments.reduce((sum, { size }) => sum + size, 0);
  }

  /** Whether there is anything on disk. */
  get empty(): boolean {
    return this.segments.length === 0;
  }

  /** Makes records durable, all or none; their numbers rise. */
  async append(records: readonly QueuedRecord[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    await this.repair();
    await this.cutOld();
    const writer = this.writer ?? (await this.begin(first.seq));
    const frame = encodeFrame(records);
    this.broken = true;
    await writer.file.append(frame);
    await writer.file.sync();
    if (writer.fresh) await this.parts.files.syncFolder(this.parts.folder);
    this.broken = writer.fresh = false;
    const { segment } = writer;
    segment.size += frame.length;
    segment.last = (records.at(-1) as QueuedRecord).seq;
    segment.remaining += records.length;
    this.remaining += records.length;
    this.nextSeq = Math.max(this.nextSeq, segment.last + 1);
    if (segment.size >= this.parts.segmentBytes) await this.seal();
  }

  /** The next records that were not read; none: there are no more now. */
  async read(): Promise<readonly QueuedRecord[]> {
    for (;;) {
      const place = this.place();
      if (place === undefined) return [];
      const records = await this.frameAt(place);
      const left = records.filter(({ seq }) => !place.segment.before.has(seq));
      if (left.length > 0) return left;
    }
  }

  /** Everything that is durable now counts as read. */
  skip(): void {
    const segment = this.segments.at(-1);
    this.at = segment === undefined ? undefined : { segment, offset: segment.size };
  }

  /** Whether `read` would bring something. */
  get unread(): boolean {
    return this.place() !== undefined;
  }

  /** A record was delivered. */
  done(seq: number): void {
    const segment = this.segments.findLast(({ first }) => first <= seq);
    if (segment === undefined) return;
    segment.noting.push(seq - segment.first);
    segment.remaining--;
    this.remaining--;
  }

  /** Writes down what was delivered, and removes what nobody needs any more. Failing does no harm. */
  async settle(): Promise<void> {
    // Removed first: a full disk takes no notes.
    for (const segment of [...this.segments]) {
      const active = segment === this.writer?.segment;
      if (segment.remaining === 0 && (!active || this.remaining === 0)) await this.remove(segment);
    }
    for (const segment of this.segments) if (segment.noting.length > 0) await this.note(segment);
  }

  /** Closes all files, whatever fails. */
  async close(): Promise<void> {
    try {
      await this.settle();
      await this.seal();
    } finally {
      // What a write that failed has left behind is cut off by whoever comes next.
      await this.writer?.file.close().catch(() => undefined);
      for (const { note } of this.segments) await note?.close().catch(() => undefined);
    }
  }

  private place(): { readonly segment: Segment; offset: number } | undefined {
    if (this.at === undefined) {
      const [first] = this.segments;
      if (first === undefined) return undefined;
      this.at = { segment: first, offset: 0 };
    }
    while (this.at.offset >= this.at.segment.size) {
      const next: Segment | undefined = this.segments[this.segments.indexOf(this.at.segment) + 1];
      if (next === undefined) return undefined;
      this.at = { segment: next, offset: 0 };
    }
    return this.at;
  }

  private async frameAt(place: { readonly segment: Segment; offset: number }): Promise<readonly QueuedRecord[]> {
    const { path } = place.segment;
    const file = await this.parts.files.open(path);
    try {
      const head = await bytesAt(file, place.offset, HEAD_BYTES);
      const length = bodyLength(head);
      const frame = length === undefined ? head : await bytesAt(file, place.offset, length + FRAME_BYTES);
      const records = decodeFrame(frame);
      if (records === undefined) throw damaged(path, place.offset);
      place.offset += frame.length;
      return records;
    } finally {
      await file.close();
    }
  }

  private async begin(first: number): Promise<NonNullable<SegmentLog['writer']>> {
    const { files, folder } = this.parts;
    // An empty file must not stay before others: it would be taken for one that was emptied.
    if (this.stray !== undefined) await cut(files, this.stray, 0);
    const path = `${folder}/${String(first).padStart(16, '0')}.log`;
    // Where that fails the file may be there all the same.
    this.stray = path;
    const file = await files.create(path);
    this.stray = undefined;
    const known = { before: new Set<number>(), notes: [], note: undefined, noting: [] };
    const segment: Segment = { first, last: first - 1, path, size: 0, remaining: 0, ...known };
    this.segments.push(segment);
    this.writer = { segment, file, fresh: true };
    return this.writer;
  }

  /** After a write that failed: what it has left is cut off, and another segment begun. */
  private async repair(): Promise<void> {
    if (!this.broken || this.writer === undefined) return;
    const { segment, file } = this.writer;
    await file.close().catch(() => undefined);
    await cut(this.parts.files, segment.path, segment.size);
    if (segment.size === 0) this.forget(segment);
    this.broken = false;
    this.writer = undefined;
  }

  /** Also where nothing is torn: what a process that was killed has written need not be durable. */
  private async cutOld(): Promise<void> {
    if (this.uncut === undefined) return;
    await cut(this.parts.files, this.uncut.path, this.uncut.size);
    this.uncut = undefined;
  }

  private async seal(): Promise<void> {
    const { writer } = this;
    if (writer === undefined || this.broken) return;
    this.writer = undefined;
    // What is durable stays so, whatever closing the file says: it must not be appended once more.
    await writer.file.close().catch(() => undefined);
  }

  private async note(segment: Segment): Promise<void> {
    if (segment.note === undefined) {
      const number = 1 + Math.max(0, ...segment.notes.map((path) => Number(/(\d+)\.done$/.exec(path)?.[1])));
      const path = `${segment.path.slice(0, -'.log'.length)}.${number}.done`;
      segment.note = await this.parts.files.create(path);
      segment.notes.push(path);
    }
    const { note, noting } = segment;
    segment.noting = [];
    try {
      await note.append(encodeDone(noting));
    } catch (error) {
      // Behind what is torn nothing is legible: it is noted again, in another file.
      segment.noting = [...noting, ...segment.noting];
      segment.note = undefined;
      await note.close().catch(() => undefined);
      throw error;
    }
  }

  private async remove(segment: Segment): Promise<void> {
    const { files, folder } = this.parts;
    const writer = segment === this.writer?.segment ? this.writer : undefined;
    // After a write that failed nothing is mended: a full disk has no room for that, and all of it goes.
    if (writer !== undefined && this.broken) await writer.file.close().catch(() => undefined);
    else if (writer !== undefined) await this.seal();
    await segment.note?.close().catch(() => undefined);
    segment.note = undefined;
    await files.remove(segment.path).catch(ignoreMissing);
    await files.syncFolder(folder);
    // Not before: what is broken must not come back with another segment behind it.
    if (writer !== undefined) {
      this.writer = undefined;
      this.broken = false;
    }
    this.forget(segment);
    for (const path of segment.notes) await files.remove(path).catch(ignoreMissing);
  }

  private forget(segment: Segment): void {
    const index = this.segments.indexOf(segment);
    if (index < 0) return;
    if (this.at?.segment === segment) {
      const [before, next] = [this.segments[index - 1], this.segments[index + 1]];
      if (next !== undefined) this.at = { segment: next, offset: 0 };
      // What stands before it was read, and may wait for its delivery.
      else this.at = before === undefined ? undefined : { segment: before, offset: before.size };
    }
    this.segments.splice(index, 1);
    if (this.uncut === segment) this.uncut = undefined;
  }

  private async recover(): Promise<void> {
    const { files, folder, logger } = this.parts;
    const names = (await files.list(folder)).toSorted();
    const logs = names.filter((name) => LOG.test(name));
    const stale = names.filter((name) => name.endsWith('.tmp') || isOrphan(name, logs));
    for (const name of stale) await files.remove(`${folder}/${name}`);
    if (stale.length > 0) await files.syncFolder(folder);
    for (const name of logs) {
      const path = `${folder}/${name}`;
      const last = name === logs.at(-1);
      const { size, seqs } = await recoverSegment(files, path, last, logger);
      // A segment is begun when those before it are durable, and none is without a frame.
      if (size === 0 && !last) throw damaged(path, 0);
      if (size === 0) continue;
      const first = Number(LOG.exec(name)?.[1]);
      const notes = names.filter((note) => NOTE.exec(note)?.[1] === LOG.exec(name)?.[1]);
      const paths = notes.map((note) => `${folder}/${note}`);
      const before = new Set<number>();
      for (const note of paths) for (const distance of decodeDone(await files.read(note))) before.add(first + distance);
      const remaining = seqs.filter((seq) => !before.has(seq)).length;
      const lastSeq = seqs.at(-1) ?? first;
      this.segments.push({
        first,
        last: lastSeq,
        path,
        size,
        remaining,
        before,
        notes: paths,
        note: undefined,
        noting: [],
      });
      if (last) this.uncut = this.segments.at(-1);
      this.remaining += remaining;
      this.nextSeq = lastSeq + 1;
    }
    await this.settle();
  }
}

function isOrphan(name: string, logs: readonly string[]): boolean {
  const number = NOTE.exec(name)?.[1];
  return number !== undefined && !logs.includes(`${number}.log`);
}

async function bytesAt(file: FileReader, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let got = 0;
  while (got < length) {
    const more = await file.read(bytes.subarray(got), 0, offset + got);
    if (more === 0) break;
    got += more;
  }
  return bytes.subarray(0, got);
}
