import {
  boundedOutOfOrderness,
  count,
  dataflow,
  deadLetter,
  decimalAvg,
  decimalSum,
  sideOutput,
  tumbling,
  type Sink,
} from 'millrace';
import { ndjson } from 'millrace/node';
import { Order, type OrderLine } from './order.ts';
import { stagingFolder, type FolderLayout } from './output/folder-layout.ts';
import { revenueLine, type RevenueRow } from './revenue-row.ts';

/** Names of the operators whose counters the report reads. */
export const OPERATORS = { source: 'orders', windows: 'revenue per category', results: 'revenue' } as const;

export interface PipelineConfig {
  readonly inputs: readonly string[];
  readonly windowMs: number;
  readonly layout: FolderLayout;
  readonly ratePerSecond: number | undefined;
  /** Sees every result, for the table at the end. */
  readonly report: Sink<RevenueRow>;
}

/** Revenue per category in tumbling windows; late orders and broken lines go where they can be looked at. */
export function revenuePipeline({ inputs, windowMs, layout, ratePerSecond, report }: PipelineConfig) {
  const folder = (dir: string) => ({ staging: stagingFolder(layout, dir) });
  const late = sideOutput<OrderLine>('late');
  const flow = dataflow('revenue');

  const rows = flow
    .from(
      OPERATORS.source,
      ndjson(inputs, {
        schema: Order,
        project: (order, line): OrderLine => ({ order, line }),
        onError: deadLetter(ndjson.sink(layout.deadLetter, folder(layout.deadLetter))),
      }),
      {
        watermarks: boundedOutOfOrderness('5s', ({ order }) => order.event_time),
        ...(ratePerSecond === undefined ? {} : { rateLimit: { recordsPerSecond: ratePerSecond } }),
      },
    )
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

  rows.to(OPERATORS.results, ndjson.sink(layout.revenue, { encode: revenueLine, ...folder(layout.revenue) }));
  rows.to('report', report);
  rows.side(late).to('late', ndjson.sink(layout.late, { encode: ({ line }) => line, ...folder(layout.late) }));
  return flow;
}
