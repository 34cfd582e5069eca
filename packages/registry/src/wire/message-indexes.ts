import { Buffer } from 'node:buffer';

/*
 * Which message of a .proto file a value is: the path of indexes from the top of the file to it, as zigzag varints, their number
 * first. The path [0], by far the most frequent, is a single 0.
 */

/** What stands at `at`, and where the message begins. */
export interface MessageIndexes {
  readonly path: readonly number[];
  readonly next: number;
}

/** Longest path: messages inside of messages. More is no path but something else. */
const DEPTH_MAX = 64;

/** `undefined`: there are none. */
export function readIndexes(bytes: Uint8Array, at: number): MessageIndexes | undefined {
  if (bytes[at] === 0) return { path: [0], next: at + 1 };
  const count = readVarint(bytes, at);
  if (count === undefined || count.value < 1 || count.value > DEPTH_MAX) return undefined;
  const path: number[] = [];
  let { next } = count;
  for (let i = 0; i < count.value; i++) {
    const index = readVarint(bytes, next);
    if (index === undefined || index.value < 0) return undefined;
    path.push(index.value);
    ({ next } = index);
  }
  return { path, next };
}

export function writeIndexes(path: readonly number[]): Uint8Array {
  if (path.length === 1 && path[0] === 0) return Uint8Array.of(0);
  return Buffer.from([path.length, ...path].flatMap(varintOf));
}

function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } | undefined {
  let raw = 0;
  for (let shift = 0, next = at; shift < 35 && next < bytes.length; shift += 7) {
    const byte = bytes[next++] as number; // inside, as the loop says
    raw += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, next };
  }
  return undefined;
}

function varintOf(value: number): number[] {
  const bytes: number[] = [];
  let rest = value * 2; // zigzag of what is not negative
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}
