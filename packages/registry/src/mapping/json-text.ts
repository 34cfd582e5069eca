import { REFUSED } from './refused.ts';

/** @throws `REFUSED` */
export function jsonText(value: unknown): string {
  // Of functions and undefined it makes no text, whatever its type says.
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw REFUSED;
  return text;
}
