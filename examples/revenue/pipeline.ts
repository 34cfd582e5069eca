import {
  boundedOutOfOrderness,
  count,
  dataflow,
  decimalAvg,
  decimalSum,
  sideOutput,
  tumbling,
  type Sink,
  type Source,
} from 'millrace';
import type { OrderLine } from './order.ts';
import type { RevenueRow } from './revenue-row.ts';

/** Names of the operators whose counters the report reads. */
export const OPERATORS = { source: 'orders', windows: 'revenue per category', results: 'revenue' } as const;

/** Where the job reads and writes: everything that is different on files and on Kafka. */
export interface PipelineConfig {
  /** Names the job, and with it what it keeps. */
  readonly name: string;
  readonly orders: Source<OrderLine>;
  readonly results: Sink<RevenueRow>;
  readonly late: Sink<OrderLine>;
  /** Sees every result, for the table at the end. */
  readonly report: Sink<RevenueRow>;
  readonly windowMs: number;
  readonly ratePerSecond: number | undefined;
}

/** Revenue per category in tumbling windows; late orders and broken lines go where they can be looked at. */
export function revenuePipeline({
  name,
  orders,
  results,
  late: lateOrders,
  report,
  windowMs,
  ratePerSecond,
}: PipelineConfig) {
  const late = sideOutput<OrderLine>('late');
  const flow = dataflow(name);

  const rows = flow
    .from(OPERATORS.source, orders, {
      watermarks: boundedOutOfOrderness('5s', ({ order }) => order.event_time),
      ...(ratePerSecond === undefined ? {} : { rateLimit: { recordsPerSecond: ratePerSecond } }),
    })
    .keyBy(({ order }) => order.category)
    .window(tumbling(windowMs))
    .lateTo(late)
    .aggregate(
      {
        orders: count(),
        revenue: decimalSum(({ order }) => order.amount, { wide: true }),
        // Cents with 4 more digits: an average to 6 decimals.
        average: decimalAvg(({ order }) => order.amount, { extraDigits: 4 }),
      },
      ({ key, window, value }): RevenueRow => ({
        window_start: window.start,
        window_end: window.end,
        category: key,
        order_count: value.orders,
        total_revenue: value.revenue,
        avg_order_value: value.average,
      }),
    )
    .named(OPERATORS.windows);

  rows.to(OPERATORS.results, results);
  rows.to('report', report);
  rows.side(late).to('late', lateOrders);
  return flow;
}
