import { MillraceError } from '../../src/errors/index.ts';
import { maxTimestamp } from '../../src/windows/index.ts';
import { timeOf, type Answer, type Output, type VectorCase } from './case.ts';
import { windowsOf } from './window-config.ts';

/** Kind `assign`: the assigner alone. */
export function runAssign(vector: VectorCase): Answer {
  const steps: Output[][] = [];
  try {
    const windows = windowsOf(vector.config);
    for (const { record } of vector.script) {
      if (record === undefined) continue;
      steps.push([]);
      for (const window of windows.assign(record, timeOf(record.ts), 0)) {
        const shown = window.end === Infinity ? 'global' : [window.start, window.end];
        steps.at(-1)?.push({ window: shown, maxTimestamp: maxTimestamp(window) });
      }
    }
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    if (steps.length === 0) return { buildError: error.message };
    steps.at(-1)?.push({ error: true });
  }
  return { steps, counters: {}, leftovers: {} };
}
