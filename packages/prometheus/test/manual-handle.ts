import type { HistogramReport, JobHandle, JobMetrics, JobStatus, OperatorReport, SourceReport } from 'millrace';

export const NO_LATENCY: HistogramReport = {
  count: 0,
  sumMs: 0,
  maxMs: 0,
  buckets: [{ leMs: Infinity, count: 0 }],
  p50Ms: undefined,
  p99Ms: undefined,
};

const NO_TIME = {
  busyMs: 0,
  backPressuredMs: 0,
  idleMs: 0,
  busyMsPerSecond: 0,
  backPressuredMsPerSecond: 0,
  idleMsPerSecond: 0,
};

export function sourceReport(fields: Partial<SourceReport> = {}): SourceReport {
  return {
    name: 'orders',
    watermark: -Infinity,
    highestTimestamp: -Infinity,
    recordsRead: 0,
    recordsPerSecond: 0,
    time: NO_TIME,
    latency: NO_LATENCY,
    partitions: [],
    ...fields,
  };
}

export function operatorReport(fields: Partial<OperatorReport> = {}): OperatorReport {
  const counts = { in: 0, out: 0, filtered: 0, late: 0, deadLettered: 0, buffered: 0, absorbed: 0, missing: 0 };
  return { name: 'double', kind: 'map', ...counts, ...fields };
}

/** A job of which the test says what it shows. */
export class ManualHandle implements JobHandle {
  readonly done = new Promise<void>(() => undefined);
  status: JobStatus = 'running';
  shown: JobMetrics;

  constructor(fields: Partial<JobMetrics> = {}) {
    this.shown = { operators: [], sources: [], sinks: [], runMs: 0, restarts: 0, alarms: [], ...fields };
  }

  show(fields: Partial<JobMetrics>): void {
    this.shown = { ...this.shown, ...fields };
  }

  metrics(): JobMetrics {
    return this.shown;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
