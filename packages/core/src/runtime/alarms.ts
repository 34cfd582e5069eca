import { checkOptions, optionError } from '../errors/index.ts';
import { nonNegativeDurationMs, positiveDurationMs } from '../internal/duration.ts';
import type { AlarmKind, AlarmOptions, AlarmReport, JobEvent, SourceReport } from '../model/index.ts';

/** The options, checked. */
export interface AlarmSettings {
  readonly limits: ReadonlyMap<AlarmKind, number>;
  readonly forMs: number;
}

/** A source as alarms see it. */
export type WatchedSource = Pick<SourceReport, 'name' | 'lag' | 'watermarkLagMs' | 'latency'> & {
  /** Nothing comes at the moment, so that event time stands still for good reason. */
  readonly idle: boolean;
  /** How long the oldest record has waited that was read and that no commit covers; milliseconds. */
  readonly waitingMs: number | undefined;
};

const WHERE = 'alarms of flow.run()';

/** @throws MillraceError `OPTION_INVALID` */
export function alarmSettings(options: AlarmOptions | undefined): AlarmSettings | undefined {
  if (options === undefined) return undefined;
  checkOptions(WHERE, options, ['lag', 'watermarkLag', 'latency', 'for']);
  const { lag, watermarkLag, latency } = options;
  const limits = new Map<AlarmKind, number>();
  if (lag !== undefined) {
    if (!Number.isSafeInteger(lag) || lag < 0)
      throw optionError(`lag in ${WHERE}`, lag, 'a number of records, 0 or more');
    limits.set('lag', lag);
  }
  if (watermarkLag !== undefined)
    limits.set('watermarkLag', positiveDurationMs(watermarkLag, `watermarkLag in ${WHERE}`));
  if (latency !== undefined) limits.set('latency', positiveDurationMs(latency, `latency in ${WHERE}`));
  if (limits.size === 0) throw optionError(WHERE, options, 'an object with lag, watermarkLag or latency');
  return { limits, forMs: nonNegativeDurationMs(options.for ?? '30s', `for in ${WHERE}`) };
}

interface Exceeded {
  report: AlarmReport;
  told: boolean;
}

/**
 * Tells when a source is above a limit for longer than tolerated, and when it no longer is. Outlives the attempts of a job.
 *
 *   below --above--> above --longer than `for`--> told ('alarm')
 *     ^---- below -----/                            |
 *     ^-------------- below ('alarmEnded') ---------/
 */
export class Alarms {
  private readonly settings: AlarmSettings;
  private readonly onEvent: (event: JobEvent) => void;
  private readonly exceeded = new Map<string, Exceeded>();

  constructor(settings: AlarmSettings, onEvent: (event: JobEvent) => void) {
    this.settings = settings;
    this.onEvent = onEvent;
  }

  /** Those that were told. */
  get active(): readonly AlarmReport[] {
    return [...this.exceeded.values()].filter(({ told }) => told).map(({ report }) => report);
  }

  look(nowMs: number, sources: readonly WatchedSource[]): void {
    for (const source of sources) {
      for (const [kind, limit] of this.settings.limits) {
        const value = valueOf(source, kind);
        // What is not known changes nothing: a source that was just opened again, a stretch without records.
        if (value !== undefined) this.judge({ source: source.name, kind, value, limit, since: nowMs }, nowMs);
      }
    }
  }

  /** The job has ended: nothing is above a limit any more. */
  end(): void {
    for (const { report, told } of this.exceeded.values()) if (told) this.onEvent({ type: 'alarmEnded', ...report });
    this.exceeded.clear();
  }

  private judge(now: AlarmReport, nowMs: number): void {
    const id = JSON.stringify([now.source, now.kind]);
    const known = this.exceeded.get(id);
    if (now.value <= now.limit) {
      this.exceeded.delete(id);
      if (known?.told === true) this.onEvent({ type: 'alarmEnded', ...now, since: known.report.since });
      return;
    }
    const exceeded = known ?? { report: now, told: false };
    exceeded.report = { ...now, since: exceeded.report.since };
    this.exceeded.set(id, exceeded);
    if (exceeded.told || nowMs - exceeded.report.since < this.settings.forMs) return;
    exceeded.told = true;
    this.onEvent({ type: 'alarm', ...exceeded.report });
  }
}

function valueOf(
  { lag, watermarkLagMs, latency, idle, waitingMs }: WatchedSource,
  kind: AlarmKind,
): number | undefined {
  switch (kind) {
    case 'lag':
      return lag;
    case 'watermarkLag':
      return idle ? 0 : watermarkLagMs;
    case 'latency': {
      const { p99Ms } = latency;
      // Where nothing gets through at all, nothing is measured: then what waits tells.
      if (waitingMs === undefined && p99Ms === undefined) return idle ? 0 : undefined;
      return Math.max(waitingMs ?? 0, p99Ms ?? 0);
    }
  }
}
