export { BoundedGenerator } from './bounded-generator.ts';
export { Coalescer, type CoalescerSnapshot } from './coalescer.ts';
export { decodeTime, encodeTime, type EncodedTime } from './encoded-time.ts';
export { Segment, type AlertListener } from './segment.ts';
export { IdleTimer } from './idle-timer.ts';
export { nextSourceTime, type EventTime } from './source-time.ts';
export {
  ascendingTimestamps,
  boundedOutOfOrderness,
  customWatermarks,
  keepTimestamp,
  noWatermarks,
  type WatermarkOptions,
} from './strategies.ts';
export { Valve, type ValveOutput } from './valve.ts';
export { END_OF_TIME, TimerIndex, type TimerOwner } from './timer-index.ts';
