import { MillraceError } from '../errors/index.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads what a `ByteWriter` wrote. Anything cut short is `STATE_CORRUPT`, never a wrong value. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get rest(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    return this.bytes[this.advance(1)] as number;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const group = this.byte();
      value += (group & 0x7f) * scale;
      if (group < 0x80) return value;
    }
    throw corrupt('a number is too long');
  }

  u32(): number {
    return this.view.getUint32(this.advance(4));
  }

  skip(length: number): void {
    this.advance(length);
  }

  float64(): number {
    return this.view.getFloat64(this.advance(8));
  }

  utf8(): string {
    const length = this.varint();
    const start = this.advance(length);
    try {
      return decoder.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw corrupt('text is not UTF-8');
    }
  }

  utf16(): string {
    const length = this.varint();
    const start = this.advance(2 * length);
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.view.getUint16(start + 2 * i));
    return text;
  }

  /** A copy of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.slice(start, start + length);
  }

  private advance(count: number): number {
    const start = this.at;
    if (count > this.rest) throw corrupt(`${count} bytes wanted, ${this.rest} left`);
    this.at += count;
    return start;
  }
}

export function corrupt(why: string): MillraceError {
  return new MillraceError('STATE_CORRUPT', { message: `Encoded state cannot be read: ${why}.` });
}
