import path from 'node:path';
import type { FolderLayout } from '../output/folder-layout.ts';
import type { Summary } from '../output/summary.ts';
import type { Counts } from './counts.ts';
import { resultsTable } from './results-table.ts';
import { grouped, isoTime } from './text.ts';
import type { TopRows } from './top-rows.ts';

/** Where things are: what, and the place. */
export type Places = readonly (readonly [what: string, where: string])[];

export function filePlaces(layout: FolderLayout): Places {
  const parts = (folder: string) => path.join(folder, 'part-*.ndjson');
  return [
    ['results', parts(layout.revenue)],
    ['late orders', parts(layout.late)],
    ['malformed lines', parts(layout.deadLetter)],
  ];
}

/** What is printed at the end: the highest results, the counts, what was late and why, where everything is. */
export function closingReport(top: TopRows, counts: Counts, summary: Summary, places: Places): string {
  const { read, late, malformed, windows, seconds, peakRssBytes } = summary;
  const lines = [
    resultsTable(top),
    '',
    `${grouped(read)} read = ${grouped(top.orders)} aggregated + ${grouped(late)} late + ` +
      `${grouped(malformed)} malformed`,
    `${grouped(windows)} results in ${seconds.toFixed(2)} s (${grouped(Math.round(read / seconds))} orders/s), ` +
      `peak memory ${Math.round(peakRssBytes / 1e6)} MB`,
  ];
  if (counts.firstLate !== undefined) {
    const { timestamp, watermark, windowStart, windowEnd } = counts.firstLate;
    lines.push(
      `first late order: of ${isoTime(timestamp)}, when the watermark stood at ${isoTime(watermark)}; ` +
        `its window ${isoTime(windowStart)} to ${isoTime(windowEnd)} was complete`,
    );
  }
  lines.push('', ...places.map(([what, where]) => `${`${what}:`.padEnd(16)} ${where}`));
  return lines.join('\n');
}
