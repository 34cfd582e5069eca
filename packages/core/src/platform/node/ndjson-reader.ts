import { MillraceError, messageOf } from '../../errors/index.ts';
import type {
  FileSystem,
  PollResult,
  Position,
  RejectedRecord,
  SourceBatch,
  SourceContext,
  SourceReader,
} from '../../model/index.ts';
import { BlockReader } from './block-reader.ts';
import { LineSplitter } from './line-splitter.ts';

/** Makes a record of a line; throws if it cannot. */
export type LineDecoder = (line: string) => unknown;

/** A partition and the files it consists of, in the order in which they are read. */
export interface FilePartition {
  readonly id: string;
  readonly files: readonly string[];
}

/** Reads partitions of files, each in order. A position is `{ file, offset }`. */
export class NdjsonReader implements SourceReader<unknown> {
  readonly partitions: readonly FilePartition[];
  private readonly readers: readonly PartitionReader[];

  constructor(partitions: readonly FilePartition[], decode: LineDecoder, context: SourceContext) {
    this.partitions = partitions;
    this.readers = partitions.map((partition) => new PartitionReader(partition, decode, context));
  }

  poll(partition: number, maxRecords: number): PollResult<unknown> {
    return (this.readers[partition] as PartitionReader).poll(maxRecords);
  }

  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.close()));
  }
}

class PartitionReader {
  private readonly partition: FilePartition;
  private readonly decode: LineDecoder;
  private readonly wake: () => void;
  private readonly files: FileSystem | undefined;
  private file = 0;
  private offset = 0;
  private blocks: BlockReader | undefined;
  private splitter: LineSplitter | undefined;
  // One batch object's worth of arrays, used again for every batch.
  private readonly values: unknown[] = [];
  private positions = new Float64Array(0);

  constructor(partition: FilePartition, decode: LineDecoder, context: SourceContext) {
    this.partition = partition;
    this.decode = decode;
    this.wake = context.wake;
    this.files = context.machine?.files;
    const position = context.positions.get(partition.id);
    if (position !== undefined) this.seek(position, context.name);
  }

  poll(maxRecords: number): PollResult<unknown> {
    for (;;) {
      if (this.splitter === undefined) {
        const path = this.partition.files[this.file];
        if (path === undefined) return 'end';
        this.blocks ??= new BlockReader(path, this.offset, this.wake, this.files);
        const block = this.blocks.next();
        if (block === 'pending') return 'pending';
        if (block === 'end') {
          this.nextFile();
          continue;
        }
        this.splitter = new LineSplitter(block);
      }
      const batch = this.batch(this.splitter, maxRecords);
      if (batch !== undefined) return batch;
      this.splitter = undefined;
    }
  }

  async close(): Promise<void> {
    await this.blocks?.close();
  }

  /** Up to `maxRecords` lines of the present block; `undefined` if none is left. */
  private batch(splitter: LineSplitter, maxRecords: number): SourceBatch<unknown> | undefined {
    if (this.positions.length < maxRecords) this.positions = new Float64Array(maxRecords);
    const { values, positions, decode } = this;
    let rejected: RejectedRecord[] | undefined;
    let count = 0;
    let lines = 0;
    for (; lines < maxRecords; lines++) {
      const line = splitter.line();
      if (line === undefined) break;
      try {
        if (typeof line !== 'string')
          throw new MillraceError('RECORD_MALFORMED', { message: 'the line is not valid UTF-8' });
        values[count] = decode(line);
        positions[count] = splitter.position;
        count++;
      } catch (error) {
        (rejected ??= []).push(this.rejection(error, line, splitter.position, count));
      }
    }
    if (lines === 0) return undefined;
    const bytes = splitter.next - this.offset;
    this.offset = splitter.next;
    const next = { file: this.path, offset: splitter.next };
    const rest = { firstPosition: -1, timestamps: undefined, part: this.path, rejected: rejected ?? [], next, bytes };
    return { values, from: 0, to: count, positions, ...rest };
  }

  private get path(): string {
    return this.partition.files[this.file] as string;
  }

  private rejection(error: unknown, raw: string | Buffer, position: number, before: number): RejectedRecord {
    const code = error instanceof MillraceError ? error.code : 'RECORD_MALFORMED';
    return { before, partition: this.path, position, code, message: messageOf(error), raw };
  }

  private nextFile(): void {
    void this.blocks?.close();
    this.blocks = undefined;
    this.file++;
    this.offset = 0;
  }

  private seek(position: Position, source: string): void {
    const { file, offset } = position as { file?: unknown; offset?: unknown };
    const index = this.partition.files.indexOf(file as string);
    if (index < 0 || typeof offset !== 'number') {
      throw new MillraceError('STATE_MISMATCH', {
        message:
          `Source '${source}' was reading ${String(file)} at byte ${String(offset)}, ` +
          `which is not part of ${this.partition.id} any more.`,
      });
    }
    this.file = index;
    this.offset = offset;
  }
}
