import type { TaskMeters } from '../metrics/index.ts';
import type { SourceReport } from '../model/index.ts';
import type { WatchedSource } from './alarms.ts';
import type { SourceTask } from './source-task.ts';

/** What there is to tell of a source at this moment. */
export function sourceReport(source: SourceTask, meters: TaskMeters): SourceReport {
  const { node, segment, clock } = source;
  const partitions = source.partitions.map(({ index, id, watermark, idle, paused, ended }) => {
    const lag = source.lagOf(index);
    return { id, watermark, idle, paused, ended, ...(lag === undefined ? {} : { lag }) };
  });
  const lags = partitions.flatMap(({ lag }) => (lag === undefined ? [] : [lag]));
  const behind = !Number.isFinite(segment.watermark) || isIdle(source) ? undefined : clock.now() - segment.watermark;
  return {
    name: node.name,
    watermark: segment.watermark,
    highestTimestamp: Math.max(...source.partitions.map((partition) => partition.highestTimestamp)),
    ...(lags.length === 0 ? {} : { lag: lags.reduce((sum, lag) => sum + lag, 0) }),
    ...(behind === undefined ? {} : { watermarkLagMs: Math.max(0, behind) }),
    ...meters.sourceRates(node.name),
    partitions,
  };
}

/** The same for alarms. */
export function watchedSource(source: SourceTask, meters: TaskMeters): WatchedSource {
  const { oldest } = source.meter.latency;
  const waitingMs = oldest === undefined ? undefined : source.clock.now() - oldest;
  return { ...sourceReport(source, meters), idle: isIdle(source), waitingMs };
}

function isIdle({ partitions }: SourceTask): boolean {
  return partitions.every(({ idle, ended }) => idle || ended);
}
