/** One line of a file, as the specification of the job defines lines. */
export interface Line {
  /** Byte offset in the uncompressed file; 0 for the first line, also behind a byte order mark. */
  readonly position: number;
  /** Without line end, one trailing `\r` and byte order mark. */
  readonly bytes: Buffer;
}

const LF = 0x0a;
const CR = 0x0d;
const BLANK = new Set([0x20, 0x09, CR]);

/** Lines end at `\n` only; lines of only spaces, tabs and `\r` are left out. */
export function linesOf(file: Buffer): Line[] {
  const lines: Line[] = [];
  for (let position = 0; position < file.length;) {
    const lf = file.indexOf(LF, position);
    const end = lf < 0 ? file.length : lf;
    let bytes = file.subarray(position, end);
    if (position === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    if (bytes[bytes.length - 1] === CR) bytes = bytes.subarray(0, -1);
    if (!bytes.every((byte) => BLANK.has(byte))) lines.push({ position, bytes });
    position = end + 1;
  }
  return lines;
}
