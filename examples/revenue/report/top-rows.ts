import type { RevenueRow } from '../revenue-row.ts';

/** The highest results by revenue, and totals over all; memory does not grow with their number. */
export class TopRows {
  readonly rows: RevenueRow[] = [];
  /** Orders in all rows: what was aggregated, counted at the very end of the pipeline. */
  orders = 0;
  count = 0;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(row: RevenueRow): void {
    this.count++;
    this.orders += row.order_count;
    const { rows, limit } = this;
    const lowest = rows[limit - 1];
    if (lowest !== undefined && row.total_revenue <= lowest.total_revenue) return;
    const at = rows.findIndex((other) => other.total_revenue < row.total_revenue);
    rows.splice(at < 0 ? rows.length : at, 0, row);
    if (rows.length > limit) rows.pop();
  }
}
