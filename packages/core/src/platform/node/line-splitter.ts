import { isAscii, isUtf8 } from 'node:buffer';
import type { Block } from './block-reader.ts';

const NEWLINE = 10;
const RETURN = 13;

/**
 * Cuts a block into lines. A block of nothing but ASCII becomes one string, of which lines are slices: that is several
 * times faster than one conversion per line. A line that is not valid UTF-8 is handed out as bytes.
 *
 * A trailing `\r` is not part of a line, nor is a byte order mark at the start of the file; lines of spaces, tabs and
 * `\r` only are passed over.
 */
export class LineSplitter {
  /** Position of the last line in the file. */
  position = 0;
  /** Position after it. */
  next: number;
  private readonly block: Block;
  private readonly text: string | undefined;
  private readonly valid: boolean;
  private at = 0;

  constructor(block: Block) {
    this.block = block;
    this.next = block.position;
    const bytes = block.bytes.subarray(0, block.length);
    const ascii = isAscii(bytes);
    this.text = ascii ? bytes.toString('latin1') : undefined;
    this.valid = ascii || isUtf8(bytes);
  }

  /** The next line that is not blank; `undefined` at the end of the block. */
  line(): string | Buffer | undefined {
    while (this.at < this.block.length) {
      const line = this.text === undefined ? this.fromBytes() : this.fromText(this.text);
      if (line !== undefined) return line;
    }
    return undefined;
  }

  private fromText(text: string): string | undefined {
    const start = this.at;
    const newline = text.indexOf('\n', start);
    let end = newline < 0 ? text.length : newline;
    this.move(start, newline < 0 ? text.length : newline + 1);
    if (end > start && text.charCodeAt(end - 1) === RETURN) end--;
    const line = text.slice(start, end);
    return isBlank(line) ? undefined : line;
  }

  private fromBytes(): string | Buffer | undefined {
    const { bytes, length } = this.block;
    let start = this.at;
    const newline = bytes.indexOf(NEWLINE, start);
    const stop = newline < 0 || newline >= length ? length : newline;
    this.move(start, stop === length ? length : stop + 1);
    if (this.position === 0 && startsWithBom(bytes)) start += 3;
    const end = stop > start && bytes[stop - 1] === RETURN ? stop - 1 : stop;
    if (!this.valid) {
      const line = bytes.subarray(start, end);
      if (!isUtf8(line)) return Buffer.from(line);
    }
    const text = bytes.toString('utf8', start, end);
    return isBlank(text) ? undefined : text;
  }

  private move(start: number, next: number): void {
    this.position = this.block.position + start;
    this.next = this.block.position + next;
    this.at = next;
  }
}

function startsWithBom(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function isBlank(line: string): boolean {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code !== 0x20 && code !== 0x09 && code !== RETURN) return false;
  }
  return true;
}
