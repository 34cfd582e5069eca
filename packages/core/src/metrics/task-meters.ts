import type { Clock, CommitsReport, SourceRates, TimeReport } from '../model/index.ts';
import { CommitMeter } from './commit-meter.ts';
import { SinkMeter } from './sink-meter.ts';
import { SourceMeter } from './source-meter.ts';

/**
 * Everything that is measured of a job in this process, over all its attempts. The step loop says when it begins to work and
 * when a sink keeps it from going on: nothing here is called per record or per step.
 */
export class TaskMeters {
  readonly commits: CommitMeter;
  private readonly clock: Clock;
  private readonly atCommit: boolean;
  private readonly startedMs: number;
  private readonly sources = new Map<string, SourceMeter>();
  private readonly sinks = new Map<string, SinkMeter>();
  /** Since when a sink has had no room, monotonic; `undefined`: all have. */
  private blockedSince: number | undefined;
  private blockedMs = 0;

  /** @param atCommit whether records are safe with a commit; `false`: when sinks have taken them */
  constructor(clock: Clock, atCommit: boolean) {
    this.clock = clock;
    this.atCommit = atCommit;
    this.startedMs = clock.monotonic();
    this.commits = new CommitMeter(this.startedMs);
  }

  source(name: string, measuresBytes: boolean): SourceMeter {
    let meter = this.sources.get(name);
    if (meter === undefined) {
      const options = { atCommit: this.atCommit, measuresBytes, nowMs: this.startedMs };
      meter = new SourceMeter({ ...options, blockedMs: () => this.blockedMs });
      this.sources.set(name, meter);
    }
    return meter;
  }

  sink(name: string): SinkMeter {
    let meter = this.sinks.get(name);
    if (meter === undefined) this.sinks.set(name, (meter = new SinkMeter(this.startedMs)));
    return meter;
  }

  /** The step loop begins a stretch of work, of a millisecond or so. */
  working(nowMs: number): void {
    this.endBlocked(nowMs);
    for (const meter of this.sources.values()) meter.tick(nowMs);
    for (const meter of this.sinks.values()) meter.tick(nowMs);
  }

  /** The step loop waits for those sinks that are marked as full. */
  blocked(nowMs: number): void {
    this.blockedSince = nowMs;
  }

  /** An attempt has ended: what was not committed is read again by the next one. */
  ended(): void {
    for (const { latency } of this.sources.values()) latency.drop();
    this.endBlocked(this.clock.monotonic());
  }

  /** A checkpoint is cut here. */
  seal(): void {
    for (const { latency } of this.sources.values()) latency.seal();
  }

  /** The checkpoint that was cut last is the truth. */
  committed(): void {
    const nowMs = this.clock.now();
    for (const { latency } of this.sources.values()) latency.committed(nowMs);
  }

  sourceRates(name: string): SourceRates {
    const nowMs = this.account();
    return this.source(name, false).report(nowMs, nowMs - this.startedMs);
  }

  commitsReport(): CommitsReport | undefined {
    return this.atCommit ? this.commits.report(this.clock.monotonic()) : undefined;
  }

  sinkTime(name: string): TimeReport {
    const nowMs = this.account();
    return this.sink(name).report(nowMs, nowMs - this.startedMs);
  }

  /** Takes what goes on at this moment into account. */
  private account(): number {
    const nowMs = this.clock.monotonic();
    this.addBlocked(nowMs);
    return nowMs;
  }

  private endBlocked(nowMs: number): void {
    if (this.blockedSince === undefined) return;
    this.addBlocked(nowMs);
    this.blockedSince = undefined;
    for (const sink of this.sinks.values()) sink.full = false;
  }

  private addBlocked(nowMs: number): void {
    if (this.blockedSince === undefined) return;
    const ms = nowMs - this.blockedSince;
    this.blockedSince = nowMs;
    this.blockedMs += ms;
    for (const sink of this.sinks.values()) sink.waited(ms);
  }
}
