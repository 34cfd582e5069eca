import { table } from './table.ts';
import { grouped, isoTime, money, printable } from './text.ts';
import type { TopRows } from './top-rows.ts';

/** The results with the highest revenue, for people. */
export function resultsTable(top: TopRows): string {
  if (top.count === 0) return 'No results: no order was read.';
  const rows = top.rows.map((row) => [
    isoTime(row.window_start),
    grouped(row.order_count),
    money(row.total_revenue),
    (row.avg_order_value / 1e6).toFixed(2),
    printable(row.category),
  ]);
  const title =
    top.count > rows.length ? `The ${rows.length} highest of ${grouped(top.count)} results:` : 'Results by revenue:';
  return `${title}\n${table(['window start', 'orders', 'revenue', 'average', 'category'], rows)}`;
}
