/*
 * Independent model, part 2: triggers (R16 to R20), as functions on a plain record of what they remember. A trigger asks for
 * timers by adding to sets, and says whether to fire and whether to purge.
 */
import type { Config, TriggerConfig, VectorRecord } from '../vectors-adapter/case.ts';
import { isEventTime, isMerging, isProcessingTime, Rejected } from './assigners.ts';

export interface Answer {
  readonly fire: boolean;
  readonly purge: boolean;
}

/** What a trigger sees: the window's last timestamp, the clocks, its memory and the window's timers. */
export interface Sight {
  readonly last: number;
  readonly watermark: number;
  readonly now: number;
  memory: Memory;
  readonly event: Timers;
  readonly processing: Timers;
}

export interface Timers {
  add(time: number): void;
  delete(time: number): void;
}

export interface Memory {
  count?: number;
  next?: number;
  lastElement?: VectorRecord;
  timeoutAt?: number;
  inner?: Memory;
}

export type Occasion =
  | { readonly on: 'element'; readonly record: VectorRecord; readonly time: number }
  | { readonly on: 'event' | 'processing'; readonly time: number };

const CONTINUE: Answer = { fire: false, purge: false };
const FIRE: Answer = { fire: true, purge: false };

/** The trigger of a config, spelled out. */
export function triggerFor(config: Config): TriggerConfig {
  if (config.trigger !== undefined) return config.trigger;
  if (config.countWindow !== undefined) {
    const [n, slide] = config.countWindow;
    return slide === undefined ? { type: 'purging', of: { type: 'count', n } } : { type: 'count', n: slide };
  }
  if (isEventTime(config)) return { type: 'eventTime' };
  if (isProcessingTime(config)) return { type: 'processingTime' };
  return { type: config.assigner === 'globalEndOfStream' ? 'endOfStream' : 'never' };
}

/** R16. */
export function checkTrigger(config: Config): void {
  const merges = (trigger: TriggerConfig): boolean => {
    if (trigger.type === 'purging') return merges(trigger.of as TriggerConfig);
    return !['delta', 'never', 'processingTimeout'].includes(trigger.type);
  };
  if (isMerging(config) && !merges(triggerFor(config))) throw new Rejected('the trigger cannot merge');
}

export function ask(trigger: TriggerConfig, occasion: Occasion, sight: Sight): Answer {
  const at = occasion.time;
  switch (trigger.type) {
    case 'eventTime':
      if (occasion.on === 'element') {
        if (sight.last <= sight.watermark) return FIRE;
        sight.event.add(sight.last);
        return CONTINUE;
      }
      return occasion.on === 'event' && at === sight.last ? FIRE : CONTINUE;
    case 'processingTime':
      if (occasion.on === 'element') sight.processing.add(sight.last);
      return occasion.on === 'processing' ? FIRE : CONTINUE;
    case 'endOfStream':
      if (occasion.on === 'element') sight.event.add(Infinity);
      return occasion.on === 'event' && at === Infinity ? FIRE : CONTINUE;
    case 'never':
      return CONTINUE;
    case 'count':
      if (occasion.on !== 'element') return CONTINUE;
      sight.memory.count = (sight.memory.count ?? 0) + 1;
      if (sight.memory.count < (trigger.n ?? 0)) return CONTINUE;
      delete sight.memory.count;
      return FIRE;
    case 'continuousEventTime':
      return continuousEvent(trigger.intervalMs ?? 0, occasion, sight);
    case 'continuousProcessingTime':
      return continuousProcessing(trigger.intervalMs ?? 0, occasion, sight);
    case 'delta':
      return delta(trigger.threshold ?? 0, occasion, sight);
    case 'purging': {
      const { fire, purge } = ask(trigger.of as TriggerConfig, occasion, sight);
      return { fire, purge: purge || fire };
    }
    case 'processingTimeout':
      return timeout(trigger, occasion, sight);
    default:
      throw new Error(`the model knows no trigger ${trigger.type}`);
  }
}

/** R20. */
function continuousEvent(interval: number, occasion: Occasion, sight: Sight): Answer {
  const { memory, last, event, watermark } = sight;
  const plan = (time: number): void => {
    memory.next = Math.min(time, last);
    event.add(memory.next);
  };
  if (occasion.on === 'element') {
    if (last <= watermark) return FIRE;
    event.add(last);
    // Without a timestamp (there it is the least that can be) nothing is planned: Flink would fire for ever.
    const planned = occasion.time - (occasion.time % interval) + interval;
    if (memory.next === undefined && !Number.isNaN(planned)) plan(planned);
    return CONTINUE;
  }
  if (occasion.on !== 'event') return CONTINUE;
  if (occasion.time === last) return FIRE;
  if (memory.next !== occasion.time) return CONTINUE;
  delete memory.next;
  // At the end of the stream a global window fires once more, by its last timer, instead of for ever.
  if (watermark === Infinity && last === Infinity) return CONTINUE;
  plan(occasion.time + interval);
  return FIRE;
}

function continuousProcessing(interval: number, occasion: Occasion, sight: Sight): Answer {
  const { memory, last, now, processing } = sight;
  const plan = (time: number): void => {
    memory.next = Math.min(time, last);
    processing.add(memory.next);
  };
  if (occasion.on === 'element') {
    if (memory.next === undefined) plan(now - (now % interval) + interval);
    return CONTINUE;
  }
  if (occasion.on !== 'processing' || memory.next !== occasion.time) return CONTINUE;
  delete memory.next;
  if (occasion.time < last) plan(occasion.time + interval);
  return FIRE;
}

function delta(threshold: number, occasion: Occasion, { memory }: Sight): Answer {
  if (occasion.on !== 'element') return CONTINUE;
  const before = memory.lastElement;
  if (before !== undefined && !(occasion.record.value - before.value > threshold)) return CONTINUE;
  memory.lastElement = occasion.record;
  return before === undefined ? CONTINUE : FIRE;
}

function timeout(trigger: TriggerConfig, occasion: Occasion, sight: Sight): Answer {
  const { timeoutMs = 0, resetTimerOnNewRecord = false, clearOnTimeout = false } = trigger;
  sight.memory.inner ??= {};
  const inner = ask(trigger.of as TriggerConfig, occasion, { ...sight, memory: sight.memory.inner });
  if (occasion.on !== 'element') {
    if (clearOnTimeout) forget(trigger, sight);
    return { fire: true, purge: inner.purge };
  }
  if (inner.fire) {
    forget(trigger, sight);
    return inner;
  }
  const { memory, processing, now } = sight;
  if (memory.timeoutAt !== undefined && resetTimerOnNewRecord) {
    processing.delete(memory.timeoutAt);
    delete memory.timeoutAt;
  }
  if (memory.timeoutAt === undefined) {
    memory.timeoutAt = now + timeoutMs;
    processing.add(memory.timeoutAt);
  }
  return inner;
}

/** The trigger lets go of everything. */
export function forget(trigger: TriggerConfig, sight: Sight): void {
  const { memory, last, event, processing } = sight;
  switch (trigger.type) {
    case 'eventTime':
      event.delete(last);
      return;
    case 'processingTime':
      processing.delete(last);
      return;
    case 'endOfStream':
      event.delete(Infinity);
      return;
    case 'purging':
      forget(trigger.of as TriggerConfig, sight);
      return;
    case 'processingTimeout':
      if (memory.timeoutAt !== undefined) processing.delete(memory.timeoutAt);
      delete memory.timeoutAt;
      memory.inner ??= {};
      forget(trigger.of as TriggerConfig, { ...sight, memory: memory.inner });
      return;
    case 'continuousEventTime':
      if (memory.next !== undefined) event.delete(memory.next);
      break;
    case 'continuousProcessingTime':
      if (memory.next !== undefined) processing.delete(memory.next);
      break;
    default:
  }
  delete memory.count;
  delete memory.next;
  delete memory.lastElement;
}

/** Windows became one: what the trigger remembers of it, from what it remembered of the parts (R12, R17, R19, R20). */
export function mergeMemories(trigger: TriggerConfig, parts: readonly Memory[], sight: Sight): void {
  const { memory, last, watermark, now, event, processing } = sight;
  const counts = parts.flatMap(({ count }) => (count === undefined ? [] : [count]));
  const nexts = parts.flatMap(({ next }) => (next === undefined ? [] : [next]));
  switch (trigger.type) {
    case 'eventTime':
      if (last > watermark) event.add(last);
      return;
    case 'processingTime':
      if (last > now) processing.add(last);
      return;
    case 'count':
      if (counts.length > 0) memory.count = counts.reduce((a, b) => a + b, 0);
      return;
    case 'continuousEventTime':
      if (nexts.length > 0) event.add((memory.next = Math.min(...nexts)));
      return;
    case 'continuousProcessingTime':
      if (nexts.length > 0) processing.add((memory.next = Math.min(...nexts)));
      return;
    case 'purging':
      mergeMemories(trigger.of as TriggerConfig, parts, sight);
      return;
    default:
      throw new Error(`the model cannot merge ${trigger.type}`);
  }
}
