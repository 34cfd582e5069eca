/*
 * Names of part files.
 *
 *   part-0-0000000007-<attempt>.ndjson     published by checkpoint 7 of an attempt: exactly once
 *   part-0-0000000007.ndjson               the seventh of a job without checkpoints
 *   .part-0-0000000007-<attempt>-3.tmp     not published: begun when 7 was the next checkpoint, the third of its attempt
 */
const DIGITS = 10;

const padded = (number: number): string => String(number).padStart(DIGITS, '0');

export function partName(partition: number, number: number, attempt: string | undefined): string {
  return `part-${partition}-${padded(number)}${attempt === undefined ? '' : `-${attempt}`}.ndjson`;
}

export function unfinishedName(partition: number, number: number, attempt: string | undefined, count: number): string {
  return `.part-${partition}-${padded(number)}-${attempt ?? 'none'}-${count}.tmp`;
}

/** Number and attempt of an unfinished part of a partition; `undefined` for any other name. */
export function unfinishedPart(
  name: string,
  partition: number,
): { readonly number: number; readonly attempt: string } | undefined {
  const match = /^\.part-(\d+)-(\d+)-(.+)-\d+\.tmp$/.exec(name);
  if (match === null || Number(match[1]) !== partition) return undefined;
  return { number: Number(match[2]), attempt: match[3] as string };
}
