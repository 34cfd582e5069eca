import { createHash } from 'node:crypto';
import { MillraceError, type Logger, type Machine } from 'millrace';
import { bufferOf, utf8Of } from '../../bytes/utf8.ts';
import type { OutgoingRecord } from '../../driver/driver.ts';
import { ownFolder } from './owner.ts';
import { SegmentLog } from './segment-log.ts';

/** What a queue on disk is made of. */
export interface DiskQueueParts {
  /** Absolute. */
  readonly directory: string;
  readonly maxBytes: number;
  readonly machine: Machine;
  readonly logger: Logger;
}

/** So that what was delivered is removed in time, and there are not too many files. */
const SEGMENT_BYTES_MAX = 16 * 1024 * 1024;
const SEGMENTS = 16;
/** Of a topic's name in a file's name, which may have 255 bytes. */
const NAME_LENGTH_MAX = 150;

/*
 * The folder of a producer's queue.
 *
 *   owner-1                     who works here (owner.ts)
 *   topics/orders.created/      one log for each topic (segment-log.ts); a capital letter is written as `+` and the small one:
 *                               there are file systems that cannot tell them apart
 *   refused/TOPIC-*.json        events that the cluster will never take, when nobody was there to be told
 */

/** All of a producer that is not delivered, on disk. */
export class DiskQueue {
  readonly maxBytes: number;
  private readonly parts: DiskQueueParts;
  private readonly release: () => Promise<void>;

  private constructor(parts: DiskQueueParts, release: () => Promise<void>) {
    this.parts = parts;
    this.release = release;
    this.maxBytes = parts.maxBytes;
  }

  /**
   * Takes the folder over, and brings what an earlier process has left in it.
   *
   * @throws MillraceError `CHECKPOINT_OWNED`, `STATE_CORRUPT`, `IO_FAILED`
   */
  static async open(
    parts: DiskQueueParts,
  ): Promise<{ readonly queue: DiskQueue; readonly left: ReadonlyMap<string, SegmentLog> }> {
    const { directory, machine } = parts;
    let release: () => Promise<void> = () => Promise.resolve();
    try {
      await machine.files.makeFolder(`${directory}/topics`);
      await machine.files.makeFolder(`${directory}/refused`);
      release = await ownFolder(directory, machine);
      const queue = new DiskQueue(parts, release);
      const left = new Map<string, SegmentLog>();
      for (const folder of (await machine.files.list(`${directory}/topics`)).toSorted())
        left.set(topicOf(folder), await queue.log(topicOf(folder)));
      return { queue, left };
    } catch (error) {
      await release();
      if (error instanceof MillraceError) throw error;
      throw new MillraceError('IO_FAILED', {
        message: `The queue in ${directory} cannot be opened: ${(error as Error).message}. Give queue.directory a folder that can be written.`,
        fields: { path: directory },
        cause: error,
      });
    }
  }

  log(topic: string): Promise<SegmentLog> {
    const { directory, machine, maxBytes, logger } = this.parts;
    const segmentBytes = Math.min(SEGMENT_BYTES_MAX, Math.ceil(maxBytes / SEGMENTS));
    const folder = `${directory}/topics/${folderOf(topic)}`;
    return SegmentLog.open({ files: machine.files, folder, segmentBytes, logger });
  }

  /** Keeps a record that the cluster will never take, durably. */
  async keepRefused(seq: number, record: OutgoingRecord, error: Error): Promise<void> {
    const { directory, machine, logger } = this.parts;
    const { files } = machine;
    const { topic, partition = null, key, value, timestamp, headers } = record;
    const what = {
      ...{ topic, partition, timestamp, key: base64(key), value: base64(value) },
      headers: headers.map(([name, bytes]) => [name, base64(bytes)]),
      error: error.message,
    };
    const text = utf8Of(`${JSON.stringify(what)}\n`);
    // Numbers begin anew when a queue was empty: what it holds tells two of one number apart.
    const sum = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const name = `${folderOf(topic).slice(0, NAME_LENGTH_MAX)}-${timestamp ?? 0}-${seq}-${sum}`;
    const path = `${directory}/refused/${name}.json`;
    const file = await files.create(path);
    try {
      await file.append(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.syncFolder(`${directory}/refused`);
    logger.error(`an accepted event will never be taken by topic '${topic}'; it is kept in ${path}: ${error.message}`, {
      topic,
      path,
    });
  }

  async close(): Promise<void> {
    await this.release();
  }
}

function folderOf(topic: string): string {
  return topic.replaceAll(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`);
}

function topicOf(folder: string): string {
  return folder.replaceAll(/\+([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : bufferOf(bytes).toString('base64');
}
