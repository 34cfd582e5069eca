import type { JsonValue, Sink, SinkWriter } from 'millrace';
import type { RevenueRow } from '../revenue-row.ts';
import type { TopRows, TopRowsJson } from './top-rows.ts';

/**
 * A sink that keeps the highest results in memory: it is always ready and has nothing to flush. Each checkpoint holds all of
 * it, so that the table at the end is that of the whole job, whatever happened on the way.
 */
export function topRowsSink(top: TopRows): Sink<RevenueRow> {
  const done = async () => {};
  let atCut: TopRowsJson = top.toJson();
  const writer: SinkWriter<RevenueRow> = {
    write: (row) => top.add(row),
    ready: () => true,
    buffered: 0,
    flush: done,
    finish: done,
    abort: done,
    transaction: {
      recover: async (_attempt, last) => {
        // What `prepare` returned.
        top.restore((last?.committable as TopRowsJson | undefined) ?? { rows: [], orders: 0, count: 0 });
      },
      cut: () => void (atCut = top.toJson()),
      prepare: async (): Promise<JsonValue> => atCut,
      commit: done,
    },
  };
  return { kind: 'report', guarantee: 'exactly-once', open: async () => writer };
}
