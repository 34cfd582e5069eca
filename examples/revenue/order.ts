import { decimal, int, string, struct, timestamp, type Infer } from 'millrace';

/** One line of input. `amount` is decoded to whole cents. */
export const Order = struct({
  order_id: string(),
  customer_id: string(),
  category: string(),
  amount: decimal(10, 2),
  event_time: timestamp(),
});

/** An order and the line it was read from: late orders are written as they came. */
export interface OrderLine {
  readonly order: Infer<typeof Order>;
  readonly line: string;
}

/** One line of results: a window and a category. Sums may grow beyond what a number holds exactly. */
export const Revenue = struct({
  window_start: timestamp(),
  window_end: timestamp(),
  category: string(),
  order_count: int(),
  total_revenue: decimal(38, 2),
  avg_order_value: decimal(15, 6),
});
