import { isUtf8 } from 'node:buffer';

/** Bytes as text, if they are text without control characters but tabs and line ends. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  return /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) ? undefined : text;
}

/** The first bytes of a value, on one line. */
export function beginningOf(bytes: Uint8Array | null, characters: number): string {
  if (bytes === null) return '(none)';
  if (bytes.length === 0) return '(empty)';
  // Cut before it is looked at: a value may have megabytes. A character that is cut in two is no fault of the value's.
  const beginning = bytes.subarray(0, 4 * characters);
  const text = textOf(bytes.length > beginning.length ? wholeCharacters(beginning) : bytes);
  const shown = text === undefined ? `0x${Buffer.from(bytes.subarray(0, characters)).toString('hex')}` : oneLine(text);
  return shown.length > characters ? `${shown.slice(0, characters - 1)}…` : shown;
}

export function oneLine(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}

/** Without the bytes of a character whose end is missing: at most three. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let cut = 0; cut < 4 && cut < bytes.length; cut++) {
    const part = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(part)) return part;
  }
  return bytes;
}
