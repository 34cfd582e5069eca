import type { AlarmKind, SourceReport } from 'millrace';
import type { WatchedJob } from './watched-job.ts';

/** An answer to a question about health. */
export interface Health {
  readonly ok: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Limits of every source, above which `/health/lag` is not healthy: records, milliseconds. */
export type LagLimits = ReadonlyMap<AlarmKind, number>;

/** Whether the process is worth keeping: a job that has failed does not come back by itself. */
export function live(jobs: readonly WatchedJob[]): Health {
  const ok = jobs.every(({ handle }) => handle.status !== 'failed');
  return { ok, body: { status: ok ? 'up' : 'down', jobs: statuses(jobs) } };
}

/** Whether it does its work: there are jobs, and each is running or has finished. */
export function ready(jobs: readonly WatchedJob[]): Health {
  const ok = jobs.length > 0 && jobs.every(({ handle: { status } }) => status === 'running' || status === 'finished');
  return { ok, body: { status: ok ? 'ready' : 'not ready', jobs: statuses(jobs) } };
}

/** Whether it keeps up: no source is above a limit, and no alarm of the jobs is on. */
export function keepsUp(jobs: readonly WatchedJob[], limits: LagLimits): Health {
  let ok = true;
  const reports = jobs.map(({ name, handle }) => {
    const { sources, alarms } = handle.metrics();
    const lagging = sources.map((source) => {
      const exceeded = new Set<AlarmKind>();
      for (const alarm of alarms) if (alarm.source === source.name) exceeded.add(alarm.kind);
      for (const [kind, limit] of limits) if ((valueOf(source, kind) ?? 0) > limit) exceeded.add(kind);
      if (exceeded.size > 0) ok = false;
      return [source.name, { ...lagOf(source), exceeded: [...exceeded].sort() }] as const;
    });
    return [name, Object.fromEntries(lagging)] as const;
  });
  return { ok, body: { status: ok ? 'keeps up' : 'lags', jobs: Object.fromEntries(reports) } };
}

function statuses(jobs: readonly WatchedJob[]): Readonly<Record<string, string>> {
  return Object.fromEntries(jobs.map(({ name, handle }) => [name, handle.status]));
}

function valueOf(source: SourceReport, kind: AlarmKind): number | undefined {
  switch (kind) {
    case 'lag':
      return source.lag;
    case 'watermarkLag':
      return source.watermarkLagMs;
    case 'latency':
      return source.latency.p99Ms;
  }
}

/** Absent is what is not known. */
function lagOf(source: SourceReport): Readonly<Record<string, number>> {
  const { lag, watermarkLagMs, latency } = source;
  return {
    ...(lag === undefined ? {} : { lagRecords: lag }),
    ...(watermarkLagMs === undefined ? {} : { watermarkLagSeconds: watermarkLagMs / 1_000 }),
    ...(latency.p99Ms === undefined ? {} : { latencyP99Seconds: latency.p99Ms / 1_000 }),
  };
}
