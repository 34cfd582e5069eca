import type { Config, Op, Step } from '../vectors-adapter/case.ts';
import type { Choice } from './random.ts';

const TIMES = [1, 5, 10, 11, 20, 21, 25, 30, 40, 45];

/** Callbacks of timers register later times only: an earlier one would fire itself for ever. */
export function processConfig(c: Choice): Config {
  const callbacks = (clock: 'E' | 'P'): Record<string, Op[]> =>
    Object.fromEntries(
      c.times(0, 3, () => {
        const at = c.of(...TIMES);
        const later = (): Op => [c.chance(0.7) ? `reg${clock}` : `del${clock}`, at + c.int(1, 20)];
        return [String(at), c.times(0, 2, () => (c.chance(0.5) ? later() : [c.of('emit', 'side', 'clear')]))];
      }),
    );
  return { onEventTimer: callbacks('E'), onProcessingTimer: callbacks('P') };
}

export function processScript(c: Choice, inputs: 1 | 2): Step[] {
  const steps: Step[] = [];
  const watermarks = [-Infinity, -Infinity];
  const idle = [false, false];
  let now = 0;
  const ops = (): Op[] =>
    c.times(0, 4, () => {
      const kind = c.next();
      if (kind < 0.35) return ['regE', c.chance(0.05) ? 'max' : c.of(...TIMES) + c.int(-1, 1)];
      if (kind < 0.5) return ['delE', c.of(...TIMES) + c.int(-1, 1)];
      if (kind < 0.65) return ['regP', c.of(...TIMES)];
      if (kind < 0.75) return ['delP', c.of(...TIMES)];
      return [c.of('emit', 'side', 'clear')];
    });
  for (let i = c.int(4, 34); i > 0; i--) {
    const input = c.int(1, inputs);
    const which = inputs === 2 ? { input } : {};
    const kind = c.next();
    if (kind < 0.5) {
      const ts = c.chance(0.05) ? null : c.int(-5, 50);
      const one = inputs === 2 ? { input: input as 1 | 2 } : {};
      steps.push({ record: { key: c.of('a', 'b', 'c'), value: 0, ts, ops: ops(), ...one } });
    } else if (kind < 0.75) {
      const target = c.chance(0.5) ? c.of(...TIMES) + c.int(-1, 0) : (watermarks[input - 1] as number) + c.int(1, 10);
      const rises = target > (watermarks[input - 1] as number) && Number.isFinite(target);
      if (rises && !(inputs === 2 && idle[input - 1] === true)) {
        watermarks[input - 1] = target;
        steps.push({ watermark: target, ...which });
      }
    } else if (kind < 0.87) {
      now += c.int(0, 12);
      steps.push({ processingTime: now });
    } else if (kind < 0.93) {
      const status = idle[input - 1] === true ? 'active' : 'idle';
      idle[input - 1] = status === 'idle';
      steps.push({ status, ...which });
    } else steps.push({ snapshotRestore: true });
  }
  if (c.chance(0.5)) {
    for (let input = 1; input <= inputs; input++) {
      if (idle[input - 1] === true) steps.push({ status: 'active', ...(inputs === 2 ? { input } : {}) });
      steps.push({ watermark: 'max', ...(inputs === 2 ? { input } : {}) });
    }
  }
  return steps;
}
