import { deadLetter } from 'millrace';
import { ndjson } from 'millrace/node';
import { Order, type OrderLine } from '../order.ts';
import { revenueLine } from '../revenue-row.ts';
import { stagingFolder, type FolderLayout } from './folder-layout.ts';

/** Source and sinks of the job on files. */
export function fileConnectors(inputs: readonly string[], layout: FolderLayout) {
  const folder = (dir: string) => ({ staging: stagingFolder(layout, dir) });
  return {
    orders: ndjson(inputs, {
      schema: Order,
      project: (order, line): OrderLine => ({ order, line }),
      onError: deadLetter(ndjson.sink(layout.deadLetter, folder(layout.deadLetter))),
    }),
    results: ndjson.sink(layout.revenue, { encode: revenueLine, ...folder(layout.revenue) }),
    late: ndjson.sink<OrderLine>(layout.late, { encode: ({ line }) => line as string, ...folder(layout.late) }),
  };
}
