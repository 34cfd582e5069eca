import type { SourceRates } from '../model/index.ts';
import { LatencyMeter } from './latency-meter.ts';
import { Recent } from './recent.ts';
import { timeReport, type Times } from './time-report.ts';

/** What is measured at one source over all attempts of a job in this process. Counted per batch, never per record. */
export class SourceMeter {
  readonly latency: LatencyMeter;
  private records = 0;
  private bytes = 0;
  private busyMs = 0;
  private readonly measuresBytes: boolean;
  private readonly recent: Recent;
  private readonly times: () => Times;

  /** @param blockedMs how long sinks have kept the task from going on so far */
  constructor(options: {
    readonly atCommit: boolean;
    readonly measuresBytes: boolean;
    readonly nowMs: number;
    readonly blockedMs: () => number;
  }) {
    this.latency = new LatencyMeter(options.atCommit);
    this.measuresBytes = options.measuresBytes;
    this.times = () => ({ busyMs: this.busyMs, backPressuredMs: options.blockedMs() });
    this.recent = new Recent(options.nowMs, () => {
      const { busyMs, backPressuredMs } = this.times();
      return [this.records, this.bytes, busyMs, backPressuredMs, ...this.latency.histogram.counts];
    });
  }

  took(records: number, bytes: number): void {
    this.records += records;
    this.bytes += bytes;
  }

  worked(ms: number): void {
    this.busyMs += ms;
  }

  tick(nowMs: number): void {
    this.recent.tick(nowMs);
  }

  /** @param elapsedMs since the job began in this process */
  report(nowMs: number, elapsedMs: number): SourceRates {
    const { ms, values } = this.recent.growth(nowMs);
    const [records, bytes, busyMs, backPressuredMs, ...latencies] = values as [number, number, number, number];
    const perSecond = (grown: number): number => (ms > 0 ? (grown * 1_000) / ms : 0);
    return {
      recordsRead: this.records,
      recordsPerSecond: perSecond(records),
      ...(this.measuresBytes ? { bytesRead: this.bytes, bytesPerSecond: perSecond(bytes) } : {}),
      time: timeReport(this.times(), elapsedMs, { busyMs, backPressuredMs }, ms),
      latency: this.latency.histogram.report(latencies),
    };
  }
}
