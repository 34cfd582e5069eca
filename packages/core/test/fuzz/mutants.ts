/** A fault of one line in the engine, which the scripts must find. */
export interface Mutant {
  readonly name: string;
  /** The rule of semantics.md that it breaks. */
  readonly rule: string;
  /** Path in packages/core/src. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Kind of script that is enough to find it; default: all. */
  readonly kind?: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'late-boundary',
    rule: 'R7',
    file: 'operators/window/window-operator.ts',
    find: 'this.cleanupOf(window) <= this.input.watermark',
    replace: 'this.cleanupOf(window) < this.input.watermark',
  },
  {
    name: 'late-boundary-slices',
    rule: 'R7',
    file: 'operators/slices/slice-window.ts',
    find: 'if (cleanup <= input.watermark) return undefined;',
    replace: 'if (cleanup < input.watermark) return undefined;',
  },
  {
    name: 'cleanup-one-late',
    rule: 'R7',
    file: 'operators/window/window-operator.ts',
    find: 'const cleanup = window.end - 1 + (time',
    replace: 'const cleanup = window.end + (time',
  },
  {
    name: 'late-only-if-all',
    rule: 'R8',
    file: 'operators/window/window-operator.ts',
    find: 'if (!entered) this.skip(windows, value, timestampMs);',
    replace: 'if (windows.length > 1 || !entered) this.skip(windows, value, timestampMs);',
  },
  {
    name: 'late-by-own-time',
    rule: 'R8',
    file: 'operators/window/window-operator.ts',
    find: 'timestampMs + this.o.allowedLatenessMs <= watermark;',
    replace: 'timestampMs + this.o.allowedLatenessMs < watermark;',
  },
  {
    name: 'sessions-touch',
    rule: 'R11',
    file: 'windows/time-window.ts',
    find: 'a.start <= b.end && a.end >= b.start',
    replace: 'a.start < b.end && a.end > b.start',
  },
  {
    name: 'sessions-touch-fast',
    rule: 'R11',
    file: 'operators/window/session-extension.ts',
    find: 'if (timestampMs > window.end) break;',
    replace: 'if (timestampMs >= window.end) break;',
  },
  {
    name: 'merge-takes-one-end',
    rule: 'R12',
    file: 'windows/time-window.ts',
    find: 'end: Math.max(a.end, b.end)',
    replace: 'end: b.end',
  },
  {
    name: 'lateness-before-merge',
    rule: 'R13',
    file: 'operators/window/window-operator.ts',
    find: 'this.isLate(plan?.result ?? own)',
    replace: 'this.isLate(own)',
  },
  {
    name: 'sliding-start',
    rule: 'R4',
    file: 'windows/aligned.ts',
    find: 'start > timeMs - sizeMs',
    replace: 'start >= timeMs - sizeMs',
  },
  {
    name: 'negative-time',
    rule: 'R2',
    file: 'windows/window-start.ts',
    find: 'remainder < 0 ?',
    replace: 'remainder < -1e15 ?',
  },
  {
    name: 'slice-cut',
    rule: 'R4',
    file: 'operators/slices/slice-edges.ts',
    find: 'timestampMs < start + this.cutMs',
    replace: 'timestampMs <= start + this.cutMs',
  },
  {
    name: 'trigger-end',
    rule: 'R17',
    file: 'triggers/event-time.ts',
    find: "if (window.end - 1 <= context.watermark) return 'fire';",
    replace: "if (window.end <= context.watermark) return 'fire';",
  },
  {
    name: 'merge-fires-twice',
    rule: 'R17',
    file: 'triggers/event-time.ts',
    find: 'if (window.end - 1 > context.watermark) context',
    replace: 'if (window.end - 1 >= context.watermark - 20) context',
  },
  {
    name: 'count-boundary',
    rule: 'R19',
    file: 'triggers/count.ts',
    find: "return count >= n ? 'fire'",
    replace: "return count > n ? 'fire'",
  },
  {
    name: 'continuous-first',
    rule: 'R20',
    file: 'triggers/continuous-event-time.ts',
    find: 'timestampMs - (timestampMs % intervalMs)',
    replace: 'timestampMs',
  },
  {
    name: 'delta-boundary',
    rule: 'R21',
    file: 'triggers/evictors/delta.ts',
    find: '>= threshold))',
    replace: '> threshold))',
  },
  {
    name: 'time-evictor-boundary',
    rule: 'R21',
    file: 'triggers/evictors/time.ts',
    find: 'timestampMs > highest - keepMs',
    replace: 'timestampMs >= highest - keepMs',
  },
  {
    name: 'timer-at-watermark',
    rule: 'R22',
    file: 'time/timer-index.ts',
    find: 'this.heap.minimum > untilMs',
    replace: 'this.heap.minimum >= untilMs',
  },
  {
    name: 'result-after-watermark',
    rule: 'R23',
    file: 'operators/window/window-operator.ts',
    find: 'input.watermark > output.watermark &&',
    replace: 'output.watermark > input.watermark &&',
  },
  {
    name: 'result-timestamp',
    rule: 'R24',
    file: 'operators/window/emission.ts',
    find: 'this.next.process(result, window.end - 1);',
    replace: 'this.next.process(result, window.end);',
  },
  {
    name: 'timer-dedupe',
    rule: 'R25',
    file: 'operators/timer-times.ts',
    find: 'if (this.later[at] !== time) this',
    replace: 'if (at >= 0) this',
    kind: 'process',
  },
  {
    name: 'past-timer-at-once',
    rule: 'R25',
    file: 'operators/process/co-process-operator.ts',
    find: 'if (time.watermark > output.watermark && !this',
    replace: 'if (!this',
    kind: 'coProcess',
  },
  {
    name: 'bounded-lag',
    rule: 'R27',
    file: 'time/bounded-generator.ts',
    find: 'this.lagMs = boundMs + 1',
    replace: 'this.lagMs = boundMs',
    kind: 'watermarks',
  },
  {
    name: 'idle-boundary',
    rule: 'R30',
    file: 'time/idle-timer.ts',
    find: 'this.silentSince > this.afterMs',
    replace: 'this.silentSince >= this.afterMs',
    kind: 'watermarks',
  },
  {
    name: 'combine-idle',
    rule: 'R29',
    file: 'time/coalescer.ts',
    find: 'if (idleInputs[i]) continue;',
    replace: '',
    kind: 'mux',
  },
  {
    name: 'all-idle-maximum',
    rule: 'R32',
    file: 'time/coalescer.ts',
    find: 'active ? minimum : maximum',
    replace: 'minimum',
    kind: 'coProcess',
  },
  {
    name: 'valve-realigns-early',
    rule: 'R31',
    file: 'time/valve.ts',
    find: 'watermark >= this.lastWatermark) one',
    replace: 'watermark > this.lastWatermark) one',
    kind: 'valve',
  },
];
