import { decimal, string, struct, timestamp, type Infer } from 'millrace';

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
  readonly line: string | Uint8Array;
  /** Key of the record it came in, where that had one. */
  readonly key?: Uint8Array | null;
}
