export { BoundedGenerator } from './bounded-generator.ts';
export { Coalescer, type CoalescerSnapshot } from './coalescer.ts';
export { decodeTime, encodeTime, type EncodedTime } from './encoded-time.ts';
export { Segment, type AlertListener } from './segment.ts';
export { ascendingTimestamps, boundedOutOfOrderness, customWatermarks, type WatermarkOptions } from './strategies.ts';
