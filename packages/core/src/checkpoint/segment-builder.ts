import { crc32c } from '../internal/crc32c.ts';
import { hex } from '../internal/sealed-json.ts';
import type { EntryOutput } from '../model/index.ts';
import { KEY_GROUPS } from '../state/index.ts';
import { BUFFER_BYTES, type BufferPool } from './buffer-pool.ts';
import {
  CHECKED_HEADER_BYTES,
  FRAME_BYTES,
  FRAME_HEADER_BYTES,
  MAGIC,
  NAMES_FRAME,
  PRELUDE_BYTES,
  SEGMENT_FORMAT,
  type StateName,
} from './segment-format.ts';

/** First size of a frame: most checkpoints hold a few entries per key group. */
const FIRST_BYTES = 256;
/** A frame larger than this gets a buffer that is used again: new memory for all of them would cost milliseconds. */
const SMALL_BYTES = 4_096;
const NO_BYTES = new Uint8Array(0);

/** Gathers entries into frames (segment-format.ts) and hands over each piece of the file, in order. */
export class SegmentBuilder {
  /** Bytes and entries so far. */
  bytes = 0;
  entries = 0;
  private readonly names: readonly StateName[];
  private readonly buffers: BufferPool;
  private readonly emit: (piece: Uint8Array) => void;
  private readonly outputs: StateFrames[] = [];
  private crc = 0;
  private closing = 0;

  /** @param emit gets pieces of the file; once they are written, their buffers go back to `buffers` */
  constructor(names: readonly StateName[], buffers: BufferPool, emit: (piece: Uint8Array) => void) {
    this.names = names;
    this.buffers = buffers;
    this.emit = emit;
  }

  /** Where the entries of a state go. */
  output(name: StateName): EntryOutput {
    const state = this.names.findIndex(([operator, own]) => operator === name[0] && own === name[1]);
    const frames = new StateFrames(this.buffers, (keyGroup, frame) => this.close(state, keyGroup, frame));
    this.outputs.push(frames);
    return frames;
  }

  /** Closes one frame that is still open, to be called when the last entry has come. Returns false if there is none left. */
  closeNext(): boolean {
    while (this.closing < this.outputs.length) {
      if ((this.outputs[this.closing] as StateFrames).closeNext()) return true;
      this.closing++;
    }
    return false;
  }

  /** What was handed over; nothing at all if there was no entry. */
  get summary(): { readonly bytes: number; readonly entries: number; readonly crc: string } {
    const { bytes, entries, crc } = this;
    return { bytes, entries, crc: hex(crc) };
  }

  private close(state: number, keyGroup: number, frame: Frame): void {
    if (this.bytes === 0) this.begin();
    this.send(state, keyGroup, frame);
  }

  private begin(): void {
    const prelude = new Uint8Array(PRELUDE_BYTES);
    new TextEncoder().encodeInto(MAGIC, prelude);
    new DataView(prelude.buffer).setUint32(MAGIC.length, SEGMENT_FORMAT, true);
    this.bytes += prelude.length;
    this.emit(prelude);
    const names = new Frame(this.buffers);
    const text = new TextEncoder().encode(JSON.stringify(this.names));
    names.add(text, text.length);
    names.entries = 0;
    this.send(NAMES_FRAME, 0, names);
  }

  private send(state: number, keyGroup: number, frame: Frame): void {
    const { entries } = frame;
    const piece = frame.sealed(state, keyGroup);
    const checksum = piece.subarray(CHECKED_HEADER_BYTES, FRAME_HEADER_BYTES);
    this.crc = crc32c(checksum, 0, checksum.length, this.crc);
    this.bytes += piece.length;
    this.entries += entries;
    frame.begin();
    this.emit(piece);
  }
}

/** The open frames of one state, by key group. */
class StateFrames implements EntryOutput {
  private readonly close: (keyGroup: number, frame: Frame) => void;
  private closing = 0;
  private readonly frames = Array.from<Frame | undefined>({ length: KEY_GROUPS });

  private readonly buffers: BufferPool;

  constructor(buffers: BufferPool, close: (keyGroup: number, frame: Frame) => void) {
    this.buffers = buffers;
    this.close = close;
  }

  entry(keyGroup: number, bytes: Uint8Array, length: number): void {
    const frame = this.frames[keyGroup] ?? this.open(keyGroup);
    frame.add(bytes, length);
    if (frame.length >= frame.closesAt) {
      this.close(keyGroup, frame);
      frame.closesAt = FRAME_BYTES;
    }
  }

  closeNext(): boolean {
    for (; this.closing < KEY_GROUPS; this.closing++) {
      const frame = this.frames[this.closing];
      if (frame === undefined || frame.entries === 0) continue;
      this.close(this.closing, frame);
      return true;
    }
    return false;
  }

  private open(keyGroup: number): Frame {
    const frame = new Frame(this.buffers);
    // Keys spread evenly: without this all frames would be full, and be summed up, in the same few milliseconds.
    frame.closesAt = FRAME_BYTES / 2 + Math.floor((FRAME_BYTES / 2) * (keyGroup / KEY_GROUPS));
    this.frames[keyGroup] = frame;
    return frame;
  }
}

/** One frame being filled. The header's place is kept free in front. */
class Frame {
  entries = 0;
  closesAt = FRAME_BYTES;
  private readonly buffers: BufferPool;
  private bytes = NO_BYTES;
  private end = FRAME_HEADER_BYTES;

  constructor(buffers: BufferPool) {
    this.buffers = buffers;
  }

  get length(): number {
    return this.end - FRAME_HEADER_BYTES;
  }

  add(bytes: Uint8Array, length: number): void {
    const end = this.end + length;
    if (end > this.bytes.length) this.grow(end);
    if (length > 64) this.bytes.set(bytes.subarray(0, length), this.end);
    else for (let i = 0; i < length; i++) this.bytes[this.end + i] = bytes[i] as number;
    this.end = end;
    this.entries++;
  }

  /** The next one; what was sealed belongs to whoever got it. */
  begin(): void {
    this.bytes = NO_BYTES;
    this.end = FRAME_HEADER_BYTES;
    this.entries = 0;
  }

  /** With its header. */
  sealed(state: number, keyGroup: number): Uint8Array {
    const piece = this.bytes.subarray(0, this.end);
    const header = new DataView(piece.buffer, piece.byteOffset, FRAME_HEADER_BYTES);
    header.setUint32(0, this.length, true);
    header.setUint16(4, state, true);
    header.setUint16(6, keyGroup, true);
    header.setUint32(8, this.entries, true);
    const checked = crc32c(piece, 0, CHECKED_HEADER_BYTES);
    header.setUint32(CHECKED_HEADER_BYTES, crc32c(piece, FRAME_HEADER_BYTES, piece.length, checked), true);
    return piece;
  }

  private grow(needed: number): void {
    const wanted = Math.max(2 * this.bytes.length, needed, FIRST_BYTES);
    const bytes = wanted > SMALL_BYTES && needed <= BUFFER_BYTES ? this.buffers.take() : new Uint8Array(wanted);
    bytes.set(this.bytes.subarray(0, this.end));
    this.bytes = bytes;
  }
}
