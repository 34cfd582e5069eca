import type { Evictor, Trigger, WindowAssigner } from '../../src/model/index.ts';
import {
  continuousEventTimeTrigger,
  continuousProcessingTimeTrigger,
  countEvictor,
  countTrigger,
  deltaEvictor,
  deltaTrigger,
  eventTimeTrigger,
  neverTrigger,
  processingTimeoutTrigger,
  processingTimeTrigger,
  purgingTrigger,
  timeEvictor,
} from '../../src/triggers/index.ts';
import {
  globalWindow,
  session,
  sessionProcessingTime,
  sliding,
  slidingProcessingTime,
  tumbling,
  tumblingProcessingTime,
} from '../../src/windows/index.ts';
import type { Config, TriggerConfig, VectorRecord } from './case.ts';

/** The windows of a config, by the public functions. */
export function windowsOf(config: Config): WindowAssigner<VectorRecord> {
  const { sizeMs = NaN, slideMs = NaN, gapMs = NaN } = config;
  const offset = config.offsetMs === undefined ? {} : { offset: config.offsetMs };
  switch (config.assigner) {
    case 'tumbling':
      return tumbling(sizeMs, offset);
    case 'sliding':
      return sliding(sizeMs, slideMs, offset);
    case 'session':
      return session(gapMs);
    case 'dynamicSession':
      return session((record: VectorRecord) => record.gap ?? NaN);
    case 'global':
      return globalWindow();
    case 'globalEndOfStream':
      return globalWindow({ firesAt: 'endOfStream' });
    case 'tumblingProcessingTime':
      return tumblingProcessingTime(sizeMs, offset);
    case 'slidingProcessingTime':
      return slidingProcessingTime(sizeMs, slideMs, offset);
    case 'sessionProcessingTime':
      return sessionProcessingTime(gapMs);
    default:
      throw new Error(`no assigner '${config.assigner}'`);
  }
}

export function triggerOf(config: TriggerConfig): Trigger<VectorRecord> {
  const { n = NaN, intervalMs = NaN, threshold = NaN, timeoutMs = NaN } = config;
  switch (config.type) {
    case 'eventTime':
      return eventTimeTrigger();
    case 'processingTime':
      return processingTimeTrigger();
    case 'never':
      return neverTrigger();
    case 'count':
      return countTrigger(n);
    case 'continuousEventTime':
      return continuousEventTimeTrigger(intervalMs);
    case 'continuousProcessingTime':
      return continuousProcessingTimeTrigger(intervalMs);
    case 'delta':
      return deltaTrigger({ threshold, delta: (old: VectorRecord, next: VectorRecord) => next.value - old.value });
    case 'purging':
      return purgingTrigger(innerOf(config));
    case 'processingTimeout': {
      const { resetTimerOnNewRecord = false, clearOnTimeout = false } = config;
      return processingTimeoutTrigger(innerOf(config), timeoutMs, { resetTimerOnNewRecord, clearOnTimeout });
    }
    default:
      throw new Error(`no trigger '${config.type}'`);
  }
}

function innerOf(config: TriggerConfig): Trigger<VectorRecord> {
  if (config.of === undefined) throw new Error(`trigger '${config.type}' has nothing inside`);
  return triggerOf(config.of);
}

export function evictorOf(config: NonNullable<Config['evictor']>): Evictor<VectorRecord> {
  const { n = NaN, ms = NaN, threshold = NaN, after = false } = config;
  switch (config.type) {
    case 'count':
      return countEvictor(n, { after });
    case 'time':
      return timeEvictor(ms, { after });
    case 'delta': {
      const delta = (element: VectorRecord, last: VectorRecord): number => last.value - element.value;
      return deltaEvictor({ threshold, delta, after });
    }
    default:
      throw new Error(`no evictor '${config.type}'`);
  }
}
