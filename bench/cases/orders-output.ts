import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What both programs say about a run. */
export interface OrdersSummary {
  readonly read: number;
  readonly late: number;
  readonly malformed: number;
  readonly windows: number;
  readonly seconds: number;
  readonly peakRssBytes: number;
}

interface Row {
  readonly window_start: number;
  readonly window_end: number;
  readonly category: string;
  readonly order_count: number;
  readonly total_revenue: number;
  readonly avg_order_value: number;
}

/** The floor rounds its averages by doubles; ours are exact. */
const AVERAGE_TOLERANCE = 2e-6;

/** Differences between two summaries and two folders of results; none if both programs computed the same. */
export function differences(ours: OrdersSummary, theirs: OrdersSummary, ourRows: string, theirRows: string): string[] {
  const found: string[] = [];
  for (const count of ['read', 'late', 'malformed', 'windows'] as const) {
    if (ours[count] !== theirs[count]) found.push(`${count} is ${ours[count]}, the floor says ${theirs[count]}`);
  }
  const expected = rowsOf(theirRows);
  const rows = rowsOf(ourRows);
  for (const [id, row] of rows) {
    const other = expected.get(id);
    if (other === undefined || !equal(row, other)) {
      found.push(`${JSON.stringify(row)}, the floor says ${JSON.stringify(other)}`);
      if (found.length > 5) return found;
    }
  }
  if (rows.size !== expected.size) found.push(`${rows.size} different rows, the floor has ${expected.size}`);
  return found;
}

function equal(a: Row, b: Row): boolean {
  const exact = a.window_end === b.window_end && a.order_count === b.order_count && a.total_revenue === b.total_revenue;
  return exact && Math.abs(a.avg_order_value - b.avg_order_value) <= AVERAGE_TOLERANCE;
}

/** Rows of a file, or of all files of a folder, by window and category. */
function rowsOf(place: string): Map<string, Row> {
  const files = place.endsWith('.ndjson') ? [place] : readdirSync(place).map((name) => path.join(place, name));
  const rows = new Map<string, Row>();
  for (const file of files) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      const row = JSON.parse(line) as Row;
      rows.set(`${row.window_start} ${row.category}`, row);
    }
  }
  return rows;
}
