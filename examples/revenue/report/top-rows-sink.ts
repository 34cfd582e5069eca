import type { Sink, SinkWriter } from 'millrace';
import type { RevenueRow } from '../revenue-row.ts';
import type { TopRows } from './top-rows.ts';

/** A sink that keeps the highest results in memory: it is always ready and has nothing to flush. */
export function topRowsSink(top: TopRows): Sink<RevenueRow> {
  const done = async () => {};
  const writer: SinkWriter<RevenueRow> = {
    write: (row) => top.add(row),
    ready: () => true,
    buffered: 0,
    flush: done,
    finish: done,
    abort: done,
  };
  return { kind: 'report', open: async () => writer };
}
