import type { JobHandle } from 'millrace';
import type { Family, JobView, Sample } from './families.ts';
import { WorkCounter } from './work-counter.ts';

/** A job whose metrics are exported. */
export class WatchedJob {
  readonly name: string;
  readonly handle: JobHandle;
  private readonly partitionsMax: number;
  private readonly counters = new Map<string, WorkCounter>();
  private readonly resumed: boolean;

  constructor(name: string, handle: JobHandle, partitionsMax: number) {
    this.name = name;
    this.handle = handle;
    this.partitionsMax = partitionsMax;
    this.resumed = handle.metrics().resumedFrom !== undefined;
  }

  view(): JobView {
    return { status: this.handle.status, metrics: this.handle.metrics(), partitionsMax: this.partitionsMax };
  }

  samples(family: Family, view: JobView): readonly Sample[] {
    const samples = [...family.read(view)].map(({ labels, value }) => ({
      labels: { job: this.name, ...labels },
      value,
    }));
    return family.type === 'work' ? samples.map((sample) => this.worked(family, sample)) : samples;
  }

  private worked(family: Family, { labels, value }: Sample): Sample {
    if (typeof value !== 'number') return { labels, value };
    const id = JSON.stringify([family.name, ...Object.values(labels)]);
    let counter = this.counters.get(id);
    if (counter === undefined) {
      // A job that goes on from a checkpoint brings the figures of processes before this one.
      counter = new WorkCounter(this.resumed ? value : 0);
      this.counters.set(id, counter);
    }
    return { labels, value: counter.at(value) };
  }
}
