import { MillraceError, type FileSystem, type Logger } from 'millrace';
import { bufferOf } from '../../bytes/utf8.ts';
import { bodyLength, decodeFrame, FRAME_BYTES, MAGIC } from './frame.ts';

/** What a segment holds. */
export interface RecoveredSegment {
  /** Bytes that are good. */
  readonly size: number;
  readonly seqs: readonly number[];
}

/**
 * Reads a segment that an earlier process has left.
 *
 *   frame frame frame torn          the last segment: its end was being written, nobody was told that it is durable; it is cut off
 *   frame ????? frame               was durable, and is damaged
 *
 * The torn end stays where it is: a full disk has no room to cut it off, and is emptied by delivering what stands before it.
 *
 * @param last whether it is the last segment of its queue
 * @throws MillraceError `STATE_CORRUPT` naming file and offset
 */
export async function recoverSegment(
  files: FileSystem,
  path: string,
  last: boolean,
  logger: Logger,
): Promise<RecoveredSegment> {
  const bytes = await files.read(path);
  const seqs: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const records = decodeFrame(bytes.subarray(at));
    if (records === undefined) break;
    for (const { seq } of records) seqs.push(seq);
    at += FRAME_BYTES + (bodyLength(bytes.subarray(at)) ?? 0);
  }
  if (at < bytes.length) {
    if (!last || goesOn(bytes, at)) throw damaged(path, at);
    logger.warn(
      `${path}: the last ${bytes.length - at} bytes, from offset ${at} on, were not written to their end: cut off. ` +
        'An event in them was not accepted.',
      { path, offset: at },
    );
  }
  if (at === 0 && last) await cut(files, path, at);
  return { size: at, seqs };
}

/** @see recoverSegment */
export function damaged(path: string, offset: number): MillraceError {
  return new MillraceError('STATE_CORRUPT', {
    message:
      `${path} is damaged at offset ${offset}: what stands there is not what was written. Restore the file, or move it away: ` +
      'the events in it from there on are then lost, all others are delivered.',
    fields: { path, offset },
  });
}

/** Whether a whole frame follows behind what is not one. A frame is begun when those before it are durable. */
function goesOn(bytes: Uint8Array, from: number): boolean {
  const buffer = bufferOf(bytes);
  for (let at = buffer.indexOf(MAGIC, from + 1); at >= 0; at = buffer.indexOf(MAGIC, at + 1))
    if (decodeFrame(bytes.subarray(at)) !== undefined) return true;
  return false;
}

/** Leaves the first `size` bytes of a file, durably, or no file without any; may be repeated. */
export async function cut(files: FileSystem, path: string, size: number): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const bytes = size === 0 ? undefined : await files.read(path).catch(ignoreMissing);
  if (size === 0) await files.remove(path).catch(ignoreMissing);
  // Removed already, and its folder could not be made durable.
  else if (bytes !== undefined) {
    const kept = bytes.subarray(0, size);
    const file = await files.create(`${path}.tmp`);
    try {
      await file.append(kept);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(`${path}.tmp`, path);
  }
  await files.syncFolder(folder);
}

/** What is to be removed may be gone. */
export function ignoreMissing(error: unknown): undefined {
  if ((error as { readonly code?: string }).code !== 'ENOENT') throw error;
  return undefined;
}
