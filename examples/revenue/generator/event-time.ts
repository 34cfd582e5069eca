import type { Random } from './random.ts';

/** Offsets of the shop's branches, in minutes east of UTC. */
const OFFSETS_MIN = [60, 120, -300, 330, -570, 845, 0];

const ISO_PER_MILLE = 150;
const ZONED_PER_MILLE = 400;

/** An event time as JSON: mostly an integer of epoch milliseconds, sometimes an ISO string with a zone. */
export function eventTimeJson(timeMs: number, random: Random): string {
  if (!random.chance(ISO_PER_MILLE)) return String(timeMs);
  if (!random.chance(ZONED_PER_MILLE)) return `"${utc(timeMs)}Z"`;
  const offsetMin = random.pick(OFFSETS_MIN);
  return `"${utc(timeMs + offsetMin * 60_000)}${zone(offsetMin)}"`;
}

/** `2026-01-05T08:00:00.250`; whole seconds have no fraction. */
export function utc(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return timeMs % 1000 === 0 ? iso.slice(0, -5) : iso.slice(0, -1);
}

function zone(offsetMin: number): string {
  const minutes = Math.abs(offsetMin);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetMin < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
