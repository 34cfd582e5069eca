import type { Letter } from '../letters.ts';
import { textOf } from './printable.ts';

/** A letter as JSON: bytes that are text as text, others as `{ base64 }`. */
export function letterJson({ key, value, headers, ...rest }: Letter): string {
  const shown = headers.map(([name, bytes]) => [name, shownBytes(bytes)]);
  return JSON.stringify({ ...rest, key: shownBytes(key), value: shownBytes(value), headers: shown });
}

function shownBytes(bytes: Uint8Array | null): string | null | { readonly base64: string } {
  if (bytes === null) return null;
  return textOf(bytes) ?? { base64: Buffer.from(bytes).toString('base64') };
}
