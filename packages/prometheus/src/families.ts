import type {
  HistogramReport,
  JobMetrics,
  JobStatus,
  OperatorReport,
  SinkReport,
  SourceReport,
  TimeReport,
} from 'millrace';

/** What a job shows at this moment. */
export interface JobView {
  readonly status: JobStatus;
  readonly metrics: JobMetrics;
  /** Partitions of a source that get a label of their own. */
  readonly partitionsMax: number;
}

/** One value and the labels that tell it from others of its family, the job's name apart. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | HistogramReport;
}

/** A metric as it is exported. Its name, type and labels are part of the public API. */
export interface Family {
  readonly name: string;
  /**
   * `work` counts what this process did: where the figure of a job goes back to its checkpoint, it stays.
   */
  readonly type: 'counter' | 'work' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  read(view: JobView): Iterable<Sample>;
}

type Value = number | HistogramReport | undefined;

const STATUSES: readonly JobStatus[] = ['running', 'stopping', 'finished', 'stopped', 'failed'];
/** Label of the partitions that have none of their own. */
const OTHERS = 'other';

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
/** Event time before the first record and after the last one is no number that a graph could show. */
const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

function family(
  name: string,
  type: Family['type'],
  help: string,
  labels: readonly string[],
  read: Family['read'],
): Family {
  return Object.freeze({ name: `millrace_${name}`, type, help, labels: ['job', ...labels], read });
}

function ofJob(name: string, type: Family['type'], help: string, valueOf: (metrics: JobMetrics) => Value): Family {
  return family(name, type, help, [], ({ metrics }) => sample({}, valueOf(metrics)));
}

function ofOperators(name: string, type: Family['type'], help: string, valueOf: (operator: OperatorReport) => Value) {
  return family(name, type, help, ['operator', 'kind'], ({ metrics }) =>
    metrics.operators.flatMap((operator) =>
      sample({ operator: operator.name, kind: operator.kind }, valueOf(operator)),
    ),
  );
}

function ofSources(name: string, type: Family['type'], help: string, valueOf: (source: SourceReport) => Value) {
  return family(name, type, help, ['source'], ({ metrics }) =>
    metrics.sources.flatMap((source) => sample({ source: source.name }, valueOf(source))),
  );
}

function ofSinks(name: string, type: Family['type'], help: string, valueOf: (sink: SinkReport) => Value) {
  return family(name, type, help, ['sink'], ({ metrics }) =>
    metrics.sinks.flatMap((sink) => sample({ sink: sink.name }, valueOf(sink))),
  );
}

type PartitionReport = SourceReport['partitions'][number];

/** @param combine makes one value of those of the partitions beyond `partitionsMax` */
function ofPartitions(
  name: string,
  help: string,
  valueOf: (partition: PartitionReport) => number | undefined,
  combine: (a: number, b: number) => number,
) {
  return family(name, 'gauge', help, ['source', 'partition'], ({ metrics, partitionsMax }) =>
    metrics.sources.flatMap((source) => {
      let others: number | undefined;
      const samples: Sample[] = [];
      source.partitions.forEach((partition, index) => {
        const value = valueOf(partition);
        if (value === undefined) return;
        if (index < partitionsMax) samples.push({ labels: { source: source.name, partition: partition.id }, value });
        else others = others === undefined ? value : combine(others, value);
      });
      return [...samples, ...sample({ source: source.name, partition: OTHERS }, others)];
    }),
  );
}

function sample(labels: Sample['labels'], value: Value): readonly Sample[] {
  return value === undefined ? [] : [{ labels, value }];
}

function partitionStates({ metrics }: JobView): readonly Sample[] {
  return metrics.sources.flatMap(({ name, partitions }) => {
    const states = { active: 0, idle: 0, paused: 0, ended: 0 };
    for (const { idle, paused, ended } of partitions)
      states[ended ? 'ended' : paused ? 'paused' : idle ? 'idle' : 'active']++;
    return Object.entries(states).map(([state, value]) => ({ labels: { source: name, state }, value }));
  });
}

const times = (
  of: (valueOf: (time: TimeReport) => number) => (name: string, help: string) => Family,
  prefix: string,
  helps: Readonly<Partial<Record<'busy' | 'back_pressured' | 'idle', string>>>,
): readonly Family[] => {
  const values = {
    busy: (time: TimeReport) => time.busyMs / 1_000,
    back_pressured: (time: TimeReport) => time.backPressuredMs / 1_000,
    idle: (time: TimeReport) => time.idleMs / 1_000,
  };
  return (['busy', 'back_pressured', 'idle'] as const).flatMap((what) => {
    const help = helps[what];
    return help === undefined ? [] : [of(values[what])(`${prefix}_${what}_seconds_total`, help)];
  });
};

const JOB: readonly Family[] = [
  family('job_status', 'gauge', 'What the job is doing: 1 for its status, 0 for all others', ['status'], ({ status }) =>
    STATUSES.map((one) => ({ labels: { status: one }, value: one === status ? 1 : 0 })),
  ),
  ofJob('job_run_seconds', 'gauge', 'How long the job has run, over all its starts', ({ runMs }) => seconds(runMs)),
  ofJob('job_restarts_total', 'counter', 'Restarts after a failure, over all starts of the job', (m) => m.restarts),
  ofJob('commits_total', 'counter', 'Checkpoints that were completed', (m) => m.commits?.count),
  ofJob('commit_bytes_total', 'counter', 'Keyed state written to checkpoints', (m) => m.commits?.bytes),
  ofJob('commit_last_bytes', 'gauge', 'Keyed state written to the last checkpoint', (m) =>
    m.commits?.lastAt === undefined ? undefined : m.commits.lastBytes,
  ),
  ofJob('commit_last_timestamp_seconds', 'gauge', 'When the last checkpoint was completed, Unix time', (m) =>
    seconds(m.commits?.lastAt),
  ),
  ofJob('commit_duration_seconds', 'histogram', 'How long checkpoints took', (m) => m.commits?.duration),
  ofJob('checkpoint_id', 'gauge', 'Number of the last checkpoint', (m) => m.checkpoint?.id),
];

const OPERATORS: readonly Family[] = [
  ofOperators('operator_records_in_total', 'work', 'Records that came in', (o) => o.in),
  ofOperators('operator_records_out_total', 'work', 'Records that went out', (o) => o.out),
  ofOperators('operator_records_filtered_total', 'work', 'Records that were let go on purpose', (o) => o.filtered),
  ofOperators('operator_records_late_total', 'work', 'Records that came too late for all their windows', (o) => o.late),
  ofOperators('operator_dead_letters_total', 'work', 'Records that went to the dead letters', (o) => o.deadLettered),
  ofOperators(
    'operator_records_absorbed_total',
    'work',
    'Records that are done without one of their own going out',
    (o) => o.absorbed,
  ),
  ofOperators('operator_records_buffered', 'gauge', 'Records held now, in windows or half a batch', (o) => o.buffered),
  ofOperators('operator_records_missing', 'gauge', 'Records unaccounted for; always 0', (o) => o.missing),
  ofOperators('operator_state_entries', 'gauge', 'Entries of keyed state', (o) => o.state?.entries),
  ofOperators('operator_state_bytes', 'gauge', 'Memory of keyed state, estimated', (o) => o.state?.bytes),
];

const SOURCES: readonly Family[] = [
  ofSources(
    'source_records_total',
    'counter',
    'Records read, also those read again after a failure',
    (s) => s.recordsRead,
  ),
  ofSources(
    'source_bytes_total',
    'counter',
    'Bytes of the records read, where the source knows them',
    (s) => s.bytesRead,
  ),
  ofPartitions(
    'source_lag_records',
    'Records of a partition that were not read yet',
    (p) => p.lag,
    (a, b) => a + b,
  ),
  ofSources('source_watermark_lag_seconds', 'gauge', 'How far event time is behind the clock', (s) =>
    seconds(s.watermarkLagMs),
  ),
  ofSources('source_watermark_timestamp_seconds', 'gauge', 'Event time of the source, Unix time', (s) =>
    seconds(finite(s.watermark)),
  ),
  ofSources('source_highest_timestamp_seconds', 'gauge', 'Highest timestamp read, Unix time', (s) =>
    seconds(finite(s.highestTimestamp)),
  ),
  ofPartitions(
    'source_partition_watermark_timestamp_seconds',
    'Event time of a partition, Unix time',
    (p) => seconds(finite(p.watermark)),
    Math.min,
  ),
  family('source_partitions', 'gauge', 'Partitions by what they are doing', ['source', 'state'], partitionStates),
  ofSources('source_latency_seconds', 'histogram', 'From the timestamp of a record until it is safe', (s) => s.latency),
  family(
    'source_alarm',
    'gauge',
    '1 while a limit (alarms of flow.run) is exceeded',
    ['source', 'kind'],
    ({ metrics }) => metrics.alarms.map(({ source, kind }) => ({ labels: { source, kind }, value: 1 })),
  ),
  ...times((valueOf) => (name, help) => ofSources(name, 'counter', help, (s) => valueOf(s.time)), 'source', {
    busy: 'Time spent reading and processing records',
    back_pressured: 'Time in which a sink had no room',
    idle: 'The rest of the time',
  }),
];

const SINKS: readonly Family[] = [
  ofSinks('sink_records_buffered', 'gauge', 'Records taken that have not left the process', (s) => s.buffered),
  ...times((valueOf) => (name, help) => ofSinks(name, 'counter', help, (s) => valueOf(s.time)), 'sink', {
    busy: 'Time in which the sink had no room',
    idle: 'The rest of the time',
  }),
];

/** Every metric there is. */
export const FAMILIES: readonly Family[] = Object.freeze([...JOB, ...OPERATORS, ...SOURCES, ...SINKS]);
