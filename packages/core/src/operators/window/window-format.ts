import type { EntryFormat, ValueOutput } from '../../model/index.ts';
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
  trigger: readonly [unknown] | undefined,
  cleanupAt: EncodedTime,
  eventTimers: readonly number[],
  processingTimers: readonly number[],
  states: readonly unknown[] | undefined,
  cleanupSilent: boolean,
];

const SAVED_FIELDS = 10;

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
    write(entry, output) {
      output.array(entry.list.length);
      for (const window of entry.list) write(window, output, contents, states);
    },
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
    // In an array of its own: what is in it is the program's.
    window.triggerState === undefined ? undefined : [window.triggerState],
    encodeTime(window.cleanupAt),
    window.toValue(),
    window.processing?.toValue() ?? [],
    window.states === undefined ? undefined : codec.toValue(window.states),
    window.cleanupSilent,
  ];
}

/** The same, piece by piece. */
function write(window: WindowState, output: ValueOutput, contents: Contents, codec: StatesCodec): void {
  output.array(SAVED_FIELDS);
  output.value(encodeTime(window.start));
  output.value(encodeTime(window.end));
  output.value(window.records);
  contents.write(window, output);
  output.value(window.triggerState === undefined ? undefined : [window.triggerState]);
  output.value(encodeTime(window.cleanupAt));
  window.writeTimers(output);
  output.value(window.processing?.toValue() ?? []);
  output.value(window.states === undefined ? undefined : codec.toValue(window.states));
  output.value(window.cleanupSilent);
}

function restore(entry: KeyWindows, one: SavedWindow, contents: Contents, codec: StatesCodec): void {
  const [start, end, records, content, trigger, cleanupAt, eventTimers, processingTimers, states, silent] = one;
  const window = entry.open(decodeTime(start), decodeTime(end));
  window.records = records;
  contents.restore(window, content);
  window.triggerState = trigger?.[0];
  window.cleanupAt = decodeTime(cleanupAt);
  window.restore(eventTimers);
  if (processingTimers.length > 0) window.processingTimers().restore(processingTimers);
  window.cleanupSilent = silent;
  window.states = states === undefined ? undefined : codec.fromValue(states);
}
