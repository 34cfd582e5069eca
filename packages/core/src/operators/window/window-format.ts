import type { EntryFormat } from '../../model/index.ts';
import { decodeTime, encodeTime, type EncodedTime } from '../../time/index.ts';
import type { Contents } from './contents.ts';
import { KeyWindows } from './key-windows.ts';
import type { WindowPool } from './window-pool.ts';
import type { WindowState } from './window-state.ts';

/** One window in a snapshot. Part of the format on disk: fields are only ever added at the end. */
type SavedWindow = readonly [
  start: EncodedTime,
  end: EncodedTime,
  records: number,
  contents: unknown,
  trigger: unknown,
  cleanupAt: EncodedTime,
  eventTimers: readonly number[],
  processingTimers: readonly number[],
  states: readonly unknown[] | undefined,
  cleanupSilent: boolean,
];

/** How the states of a window function are written. */
export interface StatesCodec {
  toValue(states: readonly unknown[]): readonly unknown[];
  fromValue(saved: readonly unknown[]): unknown[];
}

/** For windows without states of their own. */
export const NO_STATES: StatesCodec = { toValue: () => [], fromValue: () => [] };

/** How the windows of a key are written: `[window, ...]`. The key itself is not part of it. */
export function windowsFormat(contents: Contents, states: StatesCodec, pool: WindowPool): EntryFormat<KeyWindows> {
  return {
    toValue: (entry) => entry.list.map((window) => saved(window, contents, states)),
    fromValue(value) {
      // The operator gives it its key when it wakes up.
      const entry = new KeyWindows(undefined, pool);
      for (const one of value as readonly SavedWindow[]) restore(entry, one, contents, states);
      return entry;
    },
  };
}

function saved(window: WindowState, contents: Contents, codec: StatesCodec): SavedWindow {
  return [
    encodeTime(window.start),
    encodeTime(window.end),
    window.records,
    contents.toValue(window),
    window.triggerState,
    encodeTime(window.cleanupAt),
    window.toValue(),
    window.processing?.toValue() ?? [],
    window.states === undefined ? undefined : codec.toValue(window.states),
    window.cleanupSilent,
  ];
}

function restore(entry: KeyWindows, one: SavedWindow, contents: Contents, codec: StatesCodec): void {
  const [start, end, records, content, trigger, cleanupAt, eventTimers, processingTimers, states, silent] = one;
  const window = entry.open(decodeTime(start), decodeTime(end));
  window.records = records;
  contents.restore(window, content);
  window.triggerState = trigger;
  window.cleanupAt = decodeTime(cleanupAt);
  window.restore(eventTimers);
  if (processingTimers.length > 0) window.processingTimers().restore(processingTimers);
  window.cleanupSilent = silent;
  window.states = states === undefined ? undefined : codec.fromValue(states);
}
