export { CommitMeter } from './commit-meter.ts';
export { Histogram } from './histogram.ts';
export { OperatorMetrics } from './operator-metrics.ts';
export type { SinkMeter } from './sink-meter.ts';
export type { SourceMeter } from './source-meter.ts';
export { TaskMeters } from './task-meters.ts';
