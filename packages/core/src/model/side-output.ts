declare const element: unique symbol;

/**
 * The name of an output beside the main one, with the type of its records. Made by `sideOutput<T>(name)`.
 *
 * @typeParam T what the side output carries
 */
export interface SideOutput<T> {
  readonly name: string;
  /** Only for the type checker; never set. */
  readonly [element]?: (value: T) => T;
}

/**
 * A tag for a side output. Two tags of one name are the same output.
 *
 * @param name unique within the operator that writes to it
 * @example
 * const late = sideOutput<Order>('late');
 * const result = orders.keyBy((o) => o.category).window(tumbling('5m')).lateTo(late).aggregate({ n: count() });
 * result.side(late).to('late', ndjson.sink('out/late'));
 */
export function sideOutput<T>(name: string): SideOutput<T> {
  return Object.freeze({ name });
}
