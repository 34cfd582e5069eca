import type { Summary } from '../output/summary.ts';
import type { Counts } from './counts.ts';

/** The counts as `--summary` writes them. */
export function summaryOf({ read, late, malformed, windows }: Counts, seconds: number): Summary {
  return { read, late, malformed, windows, seconds, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}

/** `aggregated` was counted behind the last operator: nothing may be lost or doubled on the way. */
export function checkIdentity({ read, late, malformed }: Summary, aggregated: number): void {
  if (read === aggregated + late + malformed) return;
  throw new Error(`counts do not add up: ${read} read, ${aggregated} aggregated, ${late} late, ${malformed} malformed`);
}
