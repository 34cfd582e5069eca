import { MillraceError, type ErrorCode } from '../errors/index.ts';
import { crc32c } from '../internal/crc32c.ts';
import { hex } from '../internal/sealed-json.ts';
import {
  CHECKED_HEADER_BYTES,
  FRAME_HEADER_BYTES,
  MAGIC,
  NAMES_FRAME,
  PRELUDE_BYTES,
  SEGMENT_FORMAT,
  type SegmentInfo,
  type StateName,
} from './segment-format.ts';

/** Entries of one state and key group, to be loaded. */
export interface LoadedFrame {
  readonly operator: string;
  readonly state: string;
  readonly keyGroup: number;
  readonly entries: number;
  /** Valid until the next frame. */
  readonly payload: Uint8Array;
}

/**
 * Reads a segment file frame by frame. A frame is handed over only after its checksum was found right.
 *
 * @param pieces of the file, in order
 * @throws MillraceError `CHECKPOINT_TRUNCATED`, `CHECKPOINT_CORRUPT`, `CHECKPOINT_VERSION`, each naming the file
 */
export async function* readSegment(info: SegmentInfo, pieces: AsyncIterable<Uint8Array>): AsyncIterable<LoadedFrame> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    yield* framesOf(info, new Window(info, iterator));
  } finally {
    await iterator.return?.();
  }
}

async function* framesOf(info: SegmentInfo, window: Window): AsyncIterable<LoadedFrame> {
  checkPrelude(info, await window.take(PRELUDE_BYTES));
  let names: readonly StateName[] | undefined;
  let crc = 0;
  let entries = 0;
  while (window.position < info.bytes) {
    const header = await window.take(FRAME_HEADER_BYTES);
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    const [length, state, keyGroup] = [view.getUint32(0, true), view.getUint16(4, true), view.getUint16(6, true)];
    const count = view.getUint32(8, true);
    const expected = view.getUint32(CHECKED_HEADER_BYTES, true);
    const checked = crc32c(header, 0, CHECKED_HEADER_BYTES);
    crc = crc32c(header, CHECKED_HEADER_BYTES, FRAME_HEADER_BYTES, crc);
    if (length > info.bytes - window.position) throw wrong(info, 'CHECKPOINT_CORRUPT', 'a frame does not fit into it');
    const payload = await window.take(length);
    if (crc32c(payload, 0, length, checked) !== expected)
      throw wrong(info, 'CHECKPOINT_CORRUPT', `the checksum of the frame before byte ${window.position} is wrong`);
    if (state === NAMES_FRAME && names === undefined) {
      // What the checksum covers is what the builder wrote.
      names = JSON.parse(new TextDecoder().decode(payload)) as readonly StateName[];
      continue;
    }
    const name = names?.[state];
    if (name === undefined) throw wrong(info, 'CHECKPOINT_CORRUPT', `it names no state ${state}`);
    entries += count;
    yield { operator: name[0], state: name[1], keyGroup, entries: count, payload };
  }
  await window.expectEnd();
  if (hex(crc) !== info.crc || entries !== info.entries)
    throw wrong(info, 'CHECKPOINT_CORRUPT', 'its frames are not those the manifest names');
}

function checkPrelude(info: SegmentInfo, prelude: Uint8Array): void {
  if (new TextDecoder('latin1').decode(prelude.subarray(0, MAGIC.length)) !== MAGIC)
    throw wrong(info, 'CHECKPOINT_CORRUPT', 'it does not begin as a segment does');
  const format = new DataView(prelude.buffer, prelude.byteOffset).getUint32(MAGIC.length, true);
  if (format !== SEGMENT_FORMAT)
    throw wrong(info, 'CHECKPOINT_VERSION', `it has format ${format}; this version reads ${SEGMENT_FORMAT}`);
}

/** Cuts pieces of any size into what is asked for. */
class Window {
  position = 0;
  private readonly info: SegmentInfo;
  private readonly pieces: AsyncIterator<Uint8Array>;
  private rest = new Uint8Array(0);

  constructor(info: SegmentInfo, pieces: AsyncIterator<Uint8Array>) {
    this.info = info;
    this.pieces = pieces;
  }

  /** Valid until the next call. */
  async take(length: number): Promise<Uint8Array> {
    while (this.rest.length < length) {
      const next = await this.pieces.next();
      if (next.done === true) {
        const there = this.position + this.rest.length;
        throw wrong(this.info, 'CHECKPOINT_TRUNCATED', `it has ${there} bytes, the manifest says ${this.info.bytes}`);
      }
      const joined = new Uint8Array(this.rest.length + next.value.length);
      joined.set(this.rest);
      joined.set(next.value, this.rest.length);
      this.rest = joined;
    }
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    this.position += length;
    return taken;
  }

  async expectEnd(): Promise<void> {
    const next = this.rest.length > 0 ? { done: false } : await this.pieces.next();
    if (next.done !== true) throw wrong(this.info, 'CHECKPOINT_CORRUPT', 'it is longer than the manifest says');
  }
}

function wrong({ file }: SegmentInfo, code: ErrorCode, what: string): MillraceError {
  return new MillraceError(code, {
    message: `Segment ${file} of a checkpoint cannot be read: ${what}. Restore the file, or go back to an older checkpoint.`,
    fields: { path: file },
  });
}
