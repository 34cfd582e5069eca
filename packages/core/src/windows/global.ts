import { optionError } from '../errors/index.ts';
import type { GlobalWindows } from '../model/index.ts';
import { GLOBAL_WINDOWS } from './time-window.ts';

/** Options of {@link globalWindow}. */
export interface GlobalOptions {
  /** `'endOfStream'`: fires once, when all input has ended. Default `'never'`: only by a trigger of one's own. */
  readonly firesAt?: 'never' | 'endOfStream';
}

/**
 * One window for ever: nothing is late, and nothing is ever cleaned up (R6). Give it a trigger, or let it fire at the end
 * of bounded input. Results have the timestamp +Infinity (R24).
 *
 * @throws {MillraceError} `OPTION_INVALID` for another `firesAt`
 * @example
 * orders.keyBy((o) => o.customer).window(globalWindow()).trigger(countTrigger(100)).aggregate({ total: count() });
 */
export function globalWindow(options: GlobalOptions = {}): GlobalWindows {
  const firesAt = options?.firesAt ?? 'never';
  if (firesAt !== 'never' && firesAt !== 'endOfStream') {
    throw optionError('firesAt of globalWindow()', firesAt, "'never' or 'endOfStream'");
  }
  const firesAtEnd = firesAt === 'endOfStream';
  return Object.freeze({
    kind: 'global',
    time: 'none',
    describe: firesAtEnd ? 'globalWindow(end of stream)' : 'globalWindow()',
    merging: false,
    firesAtEnd,
    assign: () => GLOBAL_WINDOWS,
  });
}
