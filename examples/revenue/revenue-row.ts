import { formatDecimal } from 'millrace';

/** One result: a window and a category. */
export interface RevenueRow {
  readonly window_start: number;
  readonly window_end: number;
  readonly category: string;
  readonly order_count: number;
  /** Cents; a bigint, because sums may grow beyond what a number holds exactly. */
  readonly total_revenue: bigint;
  /** Millionths. */
  readonly avg_order_value: number;
}

/**
 * The line of a result. Sums and averages are exact JSON numbers in their shortest form; a schema would write a decimal
 * of more than 15 digits as a string, because most JSON parsers round such numbers.
 */
export function revenueLine(row: RevenueRow): string {
  return (
    `{"window_start":${row.window_start},"window_end":${row.window_end},"category":${JSON.stringify(row.category)},` +
    `"order_count":${row.order_count},"total_revenue":${formatDecimal(row.total_revenue, 2)},` +
    `"avg_order_value":${formatDecimal(row.avg_order_value, 6)}}`
  );
}
