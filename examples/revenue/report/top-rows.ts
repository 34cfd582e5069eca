import type { RevenueRow } from '../revenue-row.ts';

/** `TopRows` in a checkpoint: sums as text, since JSON has no bigints. */
export type TopRowsJson = {
  readonly rows: readonly (Omit<RevenueRow, 'total_revenue'> & { readonly total_revenue: string })[];
  readonly orders: number;
  readonly count: number;
};

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

  /** All of it as JSON, for a checkpoint. */
  toJson(): TopRowsJson {
    const rows = this.rows.map((row) => ({ ...row, total_revenue: String(row.total_revenue) }));
    return { rows, orders: this.orders, count: this.count };
  }

  restore({ rows, orders, count }: TopRowsJson): void {
    this.rows.splice(0, Infinity, ...rows.map((row) => ({ ...row, total_revenue: BigInt(row.total_revenue) })));
    this.orders = orders;
    this.count = count;
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
