/*
 * A segment file: entries of keyed state, as cuts of state backends write them (full or delta).
 *
 *   "MILLRSEG" | format: u32 = 1 | frame | frame | ...                                       numbers are little endian
 *
 *   frame    length of the payload: u32 | state: u16 | key group: u16 | entries: u32 | CRC-32C: u32 | payload
 *            The checksum is one over the twelve bytes before it and the payload. A frame holds entries of one state and
 *            one key group, some 64 KiB of them, in the order in which they must be loaded.
 *
 *   The first frame has state 65535 and names the states: [["operator", "state"], ...] as JSON; `state` counts in it.
 *
 * The manifest knows the length of the file and the checksum over the checksums of all frames, so that a frame that is
 * missing, doubled, moved or from another file is found, too.
 *
 * What stands in a payload is the state backend's: state/heap-slice-store.ts, state/heap-keyed-store.ts, state/value-tags.ts.
 */
export const MAGIC = 'MILLRSEG';
export const SEGMENT_FORMAT = 1;
export const PRELUDE_BYTES = 12;
export const FRAME_HEADER_BYTES = 16;
/** Bytes of the header that the checksum covers. */
export const CHECKED_HEADER_BYTES = 12;
/** `state` of the frame that names the states. */
export const NAMES_FRAME = 0xffff;
/**
 * Payload from which on a frame is closed. Smaller frames cost more headers and calls of the file system, larger ones more
 * memory: one is open per state and key group, 128 x 64 KiB = 8 MiB at most for a state whose keys all change.
 */
export const FRAME_BYTES = 64 * 1024;

/** A state with entries. */
export type StateName = readonly [operator: string, state: string];

/** What a manifest says of a segment file. */
export interface SegmentInfo {
  readonly file: string;
  readonly kind: 'full' | 'delta';
  readonly bytes: number;
  readonly entries: number;
  /** Over the checksums of the frames, eight hexadecimal digits. */
  readonly crc: string;
}
