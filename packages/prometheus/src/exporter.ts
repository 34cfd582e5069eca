import type { HistogramReport, JobHandle } from 'millrace';
import { MillraceError, optionError } from 'millrace';
import { Registry, type Metric } from 'prom-client';
import { FAMILIES, type Family, type JobView, type Sample } from './families.ts';
import { WatchedJob } from './watched-job.ts';

/** What prom-client writes: one line each. */
interface Line {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** The jobs of a process as a registry of prom-client. Figures are read when it is asked for them. */
export class Exporter {
  readonly registry = new Registry();
  private readonly jobs = new Map<string, WatchedJob>();
  private readonly partitionsMax: number;
  /** What all families of one scrape are read from. */
  private views: Map<WatchedJob, JobView> | undefined;

  constructor(partitionsMax: number) {
    this.partitionsMax = partitionsMax;
    for (const family of FAMILIES) {
      const { name, help } = family;
      const type = family.type === 'work' ? 'counter' : family.type;
      const metric = {
        name,
        help,
        type,
        aggregator: 'sum',
        reset: () => undefined,
        get: () => Promise.resolve({ name, help, type, aggregator: 'sum', values: this.lines(family) }),
      };
      // A registry asks for no more than this; the classes of prom-client only count what they are told step by step.
      this.registry.registerMetric(metric as unknown as Metric);
    }
  }

  get watched(): readonly WatchedJob[] {
    return [...this.jobs.values()];
  }

  watch(name: string, handle: JobHandle): () => void {
    if (typeof name !== 'string' || name === '') throw optionError('job of watch(job, handle)', name, 'a name');
    if (typeof handle?.metrics !== 'function')
      throw optionError('handle of watch(job, handle)', handle, 'what flow.run() resolves to');
    if (this.jobs.has(name)) {
      throw new MillraceError('OPTION_INVALID', {
        message: `watch('${name}', handle): a job of that name is watched already. Give it another name, or take the first one off.`,
        fields: { job: name },
      });
    }
    const job = new WatchedJob(name, handle, this.partitionsMax);
    this.jobs.set(name, job);
    this.views = undefined;
    // What it brought from an earlier process is not counted: it must be read before it goes on.
    this.lines(...FAMILIES.filter(({ type }) => type === 'work'));
    return () => {
      if (this.jobs.get(name) === job) this.jobs.delete(name);
    };
  }

  private lines(...families: readonly Family[]): readonly Line[] {
    const views = this.viewsOfScrape();
    return families.flatMap((family) =>
      [...views].flatMap(([job, view]) => job.samples(family, view).flatMap((sample) => linesOf(family, sample))),
    );
  }

  /** A registry asks all its metrics in one go, without waiting in between. */
  private viewsOfScrape(): ReadonlyMap<WatchedJob, JobView> {
    if (this.views === undefined) {
      this.views = new Map(this.watched.map((job) => [job, job.view()]));
      queueMicrotask(() => (this.views = undefined));
    }
    return this.views;
  }
}

function linesOf({ name }: Family, { labels, value }: Sample): readonly Line[] {
  return typeof value === 'number' ? [{ labels, value }] : histogramLines(name, labels, value);
}

function histogramLines(name: string, labels: Sample['labels'], { buckets, sumMs, count }: HistogramReport): Line[] {
  return [
    ...buckets.map(({ leMs, count: upTo }) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: leMs === Infinity ? '+Inf' : leMs / 1_000 },
      value: upTo,
    })),
    { metricName: `${name}_sum`, labels, value: sumMs / 1_000 },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
