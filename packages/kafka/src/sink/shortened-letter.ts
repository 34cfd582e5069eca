import { utf8Of } from '../bytes/utf8.ts';
import type { OutgoingRecord } from '../driver/driver.ts';

/** Bytes that are left of the value of a letter that was too large: enough to see what it is, and taken by any topic. */
const KEPT_BYTES = 64 * 1024;
/** Header of a letter whose value was shortened: bytes that it had. */
const TRUNCATED = 'millrace.value.truncated';

/** A letter with the beginning of its value only; `undefined`: it has no more than that. */
export function shortenedLetter(letter: OutgoingRecord): OutgoingRecord | undefined {
  const { value, headers } = letter;
  if (value === null || value.length <= KEPT_BYTES) return undefined;
  const truncated = [TRUNCATED, utf8Of(String(value.length))] as const;
  return { ...letter, value: value.subarray(0, KEPT_BYTES), headers: [...headers, truncated] };
}
