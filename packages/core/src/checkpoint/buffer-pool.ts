import { FRAME_BYTES } from './segment-format.ts';

/** A frame with its header, and the entry that made it full. */
export const BUFFER_BYTES = FRAME_BYTES + 8 * 1024;
/** Buffers kept: one per key group, and some on their way to the disk; 18 MiB. */
const KEPT_MAX = 256;

/** Memory of frames, used again from checkpoint to checkpoint. */
export class BufferPool {
  private readonly free: Uint8Array[] = [];

  take(): Uint8Array<ArrayBuffer> {
    // Only what `take` made is given back.
    return (this.free.pop() as Uint8Array<ArrayBuffer> | undefined) ?? new Uint8Array(BUFFER_BYTES);
  }

  /** @param piece any piece of a segment that was written; those from elsewhere are left alone */
  give(piece: Uint8Array): void {
    if (piece.buffer.byteLength !== BUFFER_BYTES || this.free.length >= KEPT_MAX) return;
    this.free.push(new Uint8Array(piece.buffer));
  }
}
