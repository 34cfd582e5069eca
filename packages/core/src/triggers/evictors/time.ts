import { formatDuration, nonNegativeDurationMs, type Duration } from '../../internal/duration.ts';
import type { Evictor, WindowElement } from '../../model/index.ts';
import { placed, type EvictorOptions } from './placed.ts';

/**
 * Keeps the records whose timestamp is above that of the latest one less `keep` (R21). Records without timestamps stay.
 *
 * @param keep 0 or more
 * @throws {MillraceError} `OPTION_INVALID` if negative
 * @example readings.keyBy((r) => r.sensor).window(globalWindow()).trigger(countTrigger(1)).evictor(timeEvictor('1m'))
 */
export function timeEvictor(keep: Duration, options: EvictorOptions = {}): Evictor<unknown> {
  const keepMs = nonNegativeDurationMs(keep, 'keep of timeEvictor()');
  const evict = <E>(elements: readonly WindowElement<E>[]): readonly WindowElement<E>[] => {
    // A stream either has timestamps or has none.
    if (elements.length === 0 || Number.isNaN(elements[0]?.timestampMs)) return elements;
    let highest = -Infinity;
    for (const { timestampMs } of elements) if (timestampMs > highest) highest = timestampMs;
    // Of results of global windows, all at the end of time, none is older than another.
    return elements.filter(
      ({ timestampMs }) => timestampMs > highest - keepMs || (keepMs > 0 && timestampMs === Infinity),
    );
  };
  return placed(`timeEvictor(${formatDuration(keepMs)})`, evict, options);
}
