import type { Counts } from './counts.ts';
import { grouped, isoTime, lengthOfTime } from './text.ts';

/** One line about a running job: how far, how fast, how far event time has come, and where the next results are due. */
export function progressLine(now: Counts, recordsPerSecond: number, windowMs: number): string {
  const parts = [`${grouped(now.read)} read`, `${grouped(Math.round(recordsPerSecond))}/s`];
  if (now.behind !== undefined) parts.push(`${grouped(now.behind)} to read`);
  if (now.watermark === -Infinity) parts.push('waiting for the first order');
  else if (Number.isFinite(now.watermark)) {
    const lagMs = now.highestTimestamp - now.watermark;
    const windowEnd = (Math.floor((now.watermark + 1) / windowMs) + 1) * windowMs;
    parts.push(
      `watermark ${isoTime(now.watermark)}`,
      `lag ${lengthOfTime(lagMs)}`,
      `${grouped(now.windows)} results, next at ${isoTime(windowEnd)}`,
    );
  } else parts.push(`${grouped(now.windows)} results, end of input`);
  return parts.join(' · ');
}
