/** A record as the reader printed it. */
export interface Line {
  readonly key: string;
  readonly number: number;
}

export interface Judgement {
  readonly lost: number;
  /** Events whose first appearance is behind that of a later one of their key. */
  readonly unordered: number;
  readonly duplicated: number;
}

/** @param lines as read, those of one key in their order; @param accepted `key number` */
export function judge(lines: readonly Line[], accepted: ReadonlySet<string>): Judgement {
  const seen = new Set<string>();
  const latest = new Map<string, number>();
  let unordered = 0;
  for (const { key, number } of lines) {
    const event = `${key} ${number}`;
    if (seen.has(event)) continue;
    seen.add(event);
    // Of one that was not accepted nobody knows whether it comes, and when.
    if (!accepted.has(event)) continue;
    if (number < (latest.get(key) ?? 0)) unordered++;
    latest.set(key, Math.max(number, latest.get(key) ?? 0));
  }
  const lost = [...accepted].filter((event) => !seen.has(event)).length;
  return { lost, unordered, duplicated: lines.length - seen.size };
}
