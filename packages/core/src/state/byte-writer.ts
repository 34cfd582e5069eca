const INITIAL_BYTES = 256;
const encoder = new TextEncoder();

/** A growing array of bytes to append to. */
export class ByteWriter {
  /** What was written, up to `length`; another array after it has grown. */
  bytes = new Uint8Array(INITIAL_BYTES);
  length = 0;
  private view = new DataView(this.bytes.buffer);

  /** Starts again; what was written is overwritten. */
  reset(): void {
    this.length = 0;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** An unsigned integer below 2^53 in groups of 7 bits, lowest first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x8000_0000) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.reserve(5);
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  /**
   * Text of ASCII characters only, after a tag and its length: what most keys are, without a detour. Returns false, and
   * has written nothing, if there are others.
   */
  ascii(tag: number, text: string): boolean {
    const { length } = text;
    if (length >= 0x80) return false;
    this.reserve(length + 2);
    const { bytes } = this;
    let at = this.length + 2;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return false;
      bytes[at++] = unit;
    }
    bytes[this.length] = tag;
    bytes[this.length + 1] = length;
    this.length = at;
    return true;
  }

  /** Room for a number that is known later. Returns where. */
  reserveU32(): number {
    this.reserve(4);
    this.length += 4;
    return this.length - 4;
  }

  setU32(at: number, value: number): void {
    this.view.setUint32(at, value);
  }

  float64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value);
    this.length += 8;
  }

  /** UTF-8 with its length in bytes in front. Lone surrogates are the caller's business. */
  utf8(text: string): void {
    const encoded = encoder.encode(text);
    this.varint(encoded.length);
    this.raw(encoded);
  }

  /** UTF-16 code units with their number in front: exact for any string. */
  utf16(text: string): void {
    this.varint(text.length);
    this.reserve(2 * text.length);
    for (let i = 0; i < text.length; i++) {
      this.view.setUint16(this.length, text.charCodeAt(i));
      this.length += 2;
    }
  }

  /** The first `length` bytes of an array. */
  copy(bytes: Uint8Array, length: number): void {
    this.reserve(length);
    if (length > 64) this.bytes.set(bytes.subarray(0, length), this.length);
    else for (let i = 0; i < length; i++) this.bytes[this.length + i] = bytes[i] as number;
    this.length += length;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A copy of what was written; the writer starts again. */
  take(): Uint8Array {
    const result = this.bytes.slice(0, this.length);
    this.length = 0;
    return result;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(2 * this.bytes.length, this.length + more));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
