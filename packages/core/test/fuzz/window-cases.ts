import type { Config, Step, TriggerConfig } from '../vectors-adapter/case.ts';
import type { Choice } from './random.ts';

const EVENT = ['tumbling', 'sliding', 'session', 'dynamicSession'] as const;
const PROCESSING = ['tumblingProcessingTime', 'slidingProcessingTime', 'sessionProcessingTime'] as const;

type Draft = { -readonly [K in keyof Config]: Config[K] };

/** A window operator: any windows, trigger, evictor, function and lateness that go together. */
export function windowConfig(c: Choice, inChain: boolean = false): Config {
  const config: Draft = {};
  if (!inChain && c.chance(0.06)) config.countWindow = c.chance(0.5) ? [c.int(1, 4)] : [c.int(1, 4), c.int(1, 3)];
  else {
    const kinds = inChain
      ? (['tumbling', 'sliding', 'session'] as const)
      : ([...EVENT, ...EVENT, ...EVENT, ...PROCESSING, 'global', 'globalEndOfStream'] as const);
    config.assigner = c.of<string>(...kinds);
    sizes(c, config);
  }
  const merging = /session/i.test(config.assigner ?? '');
  if (config.countWindow === undefined && c.chance(inChain ? 0.1 : 0.4)) config.trigger = trigger(c, merging, 0);
  if (!inChain && config.countWindow === undefined && c.chance(0.15)) config.evictor = evictor(c, merging);
  if (c.chance(0.5)) config.allowedLatenessMs = c.chance(0.05) ? 'max' : c.int(0, 12);
  if (c.chance(0.4)) config.sideOutputLate = true;
  const functions = inChain
    ? ['reduce-sum']
    : merging
      ? ['reduce-sum', 'list', 'aggregate']
      : ['reduce-sum', 'list', 'aggregate', 'aggregate', 'info'];
  config.function = c.of(...functions);
  // `info` counts the firings of a key over all windows, and so tells in which order they came.
  if (unordered(config) && config.function === 'info') config.function = 'list';
  return config;
}

/** Timers of one key at one time in different windows fire in no fixed order. */
export function unordered({ assigner = '', trigger, countWindow }: Config): boolean {
  if (countWindow !== undefined || assigner.startsWith('global')) return false;
  if (assigner === 'slidingProcessingTime') return true;
  return trigger !== undefined && (assigner === 'sliding' || hasTimersOfItsOwn(trigger));
}

/** Whether the timers of a trigger may stand anywhere, and not just at the end of the window. */
function hasTimersOfItsOwn({ type, of }: TriggerConfig): boolean {
  return type.startsWith('continuous') || type.startsWith('processing') || (of !== undefined && hasTimersOfItsOwn(of));
}

function sizes(c: Choice, config: Draft): void {
  const { assigner = '' } = config;
  if (assigner === 'session' || assigner === 'sessionProcessingTime') config.gapMs = c.int(1, 10);
  if (assigner.startsWith('tumbling') || assigner.startsWith('sliding')) config.sizeMs = c.int(1, 20);
  if (assigner.startsWith('sliding')) config.slideMs = c.int(1, 14);
  const period = config.slideMs ?? config.sizeMs ?? 0;
  if (period > 1 && c.chance(0.4)) config.offsetMs = c.int(1 - period, period - 1);
}

function trigger(c: Choice, merging: boolean, depth: number): TriggerConfig {
  const simple = ['eventTime', 'processingTime', 'count', 'continuousEventTime', 'continuousProcessingTime'];
  const more = merging ? [] : ['delta', 'never', ...(depth === 0 ? ['processingTimeout'] : [])];
  const type = c.of(...simple, ...more, ...(depth < 2 ? ['purging', 'purging'] : []));
  switch (type) {
    case 'count':
      return { type, n: c.int(1, 4) };
    case 'continuousEventTime':
    case 'continuousProcessingTime':
      return { type, intervalMs: c.int(1, 9) };
    case 'delta':
      return { type, threshold: c.int(0, 200) };
    case 'purging':
      return { type, of: trigger(c, merging, depth + 1) };
    case 'processingTimeout': {
      const options = { resetTimerOnNewRecord: c.chance(0.5), clearOnTimeout: c.chance(0.5) };
      return { type, of: trigger(c, merging, depth + 1), timeoutMs: c.int(1, 12), ...options };
    }
    default:
      return { type };
  }
}

function evictor(c: Choice, merging: boolean): NonNullable<Config['evictor']> {
  const after = c.chance(0.4) ? { after: true } : {};
  // In which order records stand after a merge is nobody's promise.
  const type = merging ? 'time' : c.of('count', 'time', 'delta');
  if (type === 'count') return { type, n: c.int(0, 4), ...after };
  if (type === 'time') return { type, ms: c.int(0, 12), ...after };
  return { type, threshold: c.int(-50, 300), ...after };
}

/** Records, watermarks, clock and restores, mostly where something is on the edge. */
export function windowScript(c: Choice, configs: readonly Config[]): Step[] {
  const first = configs[0] as Config;
  const base = c.of(0, 0, -1000, 1_700_000_000_000);
  let watermark = -Infinity;
  let now = 0;
  let highest = base;
  const steps: Step[] = [];
  const edge = (): number => {
    const config = c.of(...configs);
    const period = config.slideMs ?? config.sizeMs ?? config.gapMs ?? 10;
    const offset = config.offsetMs ?? 0;
    const start = Math.floor((highest - offset) / period) * period + offset + c.int(-2, 2) * period;
    return start + c.of(0, 0, config.sizeMs ?? config.gapMs ?? 0);
  };
  const time = (): number => {
    const kind = c.next();
    if (kind < 0.4) return highest + c.int(-4, 8);
    if (kind < 0.7) return edge() + c.int(-1, 1);
    if (kind < 0.85 && watermark > -Infinity)
      return watermark + c.int(-1, 1) - c.of(0, lateness(first), first.sizeMs ?? 0);
    return highest + c.of(first.gapMs ?? 3, -(first.gapMs ?? 3)) + c.int(-1, 1);
  };
  for (let i = c.int(4, 34); i > 0; i--) {
    const kind = c.next();
    if (kind < 0.58) {
      const ts = time();
      highest = Math.max(highest, ts);
      const gap = first.assigner === 'dynamicSession' ? { gap: c.chance(0.01) ? 0 : c.int(1, 10) } : {};
      const none = c.chance(0.004);
      steps.push({ record: { key: c.of('a', 'a', 'b'), value: c.int(0, 499), ts: none ? null : ts, ...gap } });
    } else if (kind < 0.86) {
      const target = c.chance(0.6)
        ? edge() - 1 + c.of(0, 0, lateness(c.of(...configs))) + c.int(-1, 1)
        : highest + c.int(-6, 6);
      if (target > watermark) steps.push({ watermark: (watermark = target) });
    } else if (kind < 0.93) {
      now += c.int(0, 12);
      steps.push({ processingTime: now });
    } else if (kind < 0.985) steps.push({ snapshotRestore: true });
    else steps.push({ status: 'idle' }, { status: 'active' });
  }
  if (c.chance(0.5)) steps.push({ watermark: 'max' });
  return steps;
}

function lateness({ allowedLatenessMs = 0 }: Config): number {
  return allowedLatenessMs === 'max' ? 0 : allowedLatenessMs;
}
