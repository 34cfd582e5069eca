import type { CommittingSink } from '../checkpoint/index.ts';
import type { SinkWriter } from '../model/index.ts';

/** A sink as the coordinator commits it: by transaction, or, at least once, flushed before the commit point. */
export function committingSink(name: string, writer: SinkWriter<never>): CommittingSink {
  const { transaction } = writer;
  if (transaction === undefined) {
    return {
      name,
      cut: () => undefined,
      async prepare() {
        await writer.flush();
        return null;
      },
      commit: () => Promise.resolve(),
    };
  }
  return {
    name,
    cut: (checkpoint, last) => transaction.cut(checkpoint, last),
    prepare: (checkpoint) => transaction.prepare(checkpoint),
    commit: (committed) => transaction.commit(committed),
  };
}
