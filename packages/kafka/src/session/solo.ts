import {
  MillraceError,
  optionError,
  positiveDurationMs,
  type CheckpointStorage,
  type CheckpointStore,
  type Duration,
  type Guarantee,
  type RunOptions,
  type StorageContext,
} from 'millrace';
import { Connection, type ConnectionOptions } from '../settings/connection.ts';
import { KafkaStore } from './kafka-store.ts';
import { KafkaSession } from './session.ts';
import { RESOURCE, type SessionHolder } from './session-of.ts';

/** Options of `kafka.solo`: those of `flow.run`, and how the cluster is reached. */
export interface SoloOptions extends ConnectionOptions, Omit<RunOptions, 'resources'> {
  /** Where state is kept between commits; the commits themselves stand on Kafka. */
  readonly checkpoints: CheckpointStorage;
  /** Put before the job's name in the names of its group and transactional id. Default `''`. */
  readonly prefix?: string;
  /** How long a transaction may take before the broker ends it; at most the broker's `transaction.max.timeout.ms`. Default 60 s. */
  readonly transactionTimeout?: Duration;
  /**
   * How long a call to the cluster may take before its client is given up and the job goes on from its last commit. Default 60 s:
   * brokers restart in less.
   */
  readonly callTimeout?: Duration;
}

const COMMIT_INTERVAL = '200ms';
/** From this interval on waiting for fuller batches pays; below, each commit would wait for it. */
const LINGER_FROM_MS = 1_000;

/**
 * Runs a job in one process that reads all partitions of its topics. Under `exactly-once`, the default, results, positions and
 * checkpoint become the truth in one Kafka transaction every `commitInterval` (default 200 ms).
 *
 * A second process of the same job is refused: by the folder's owner, or because the last commit is not in its folder.
 *
 * @returns options for `flow.run`
 * @throws {MillraceError} `OPTION_INVALID`; when run `CHECKPOINT_MISSING` if the job's last commit is not in `checkpoints`,
 *   `CHECKPOINT_FENCED` if another process has taken it over, `IO_FAILED`, `DEPENDENCY_MISSING`
 * @example
 * await flow.run(kafka.solo({ bootstrap: 'localhost:9092', checkpoints: directory('.millrace/revenue') }));
 */
export function solo(options: SoloOptions): RunOptions {
  if (typeof options !== 'object' || options === null)
    throw optionError('options of kafka.solo()', options, 'an object');
  const { bootstrap, security, client, driver, prefix = '', transactionTimeout = '60s', callTimeout, ...run } = options;
  const { checkpoints, guarantee = 'exactly-once', commitInterval = COMMIT_INTERVAL } = run;
  if (typeof checkpoints?.open !== 'function')
    throw optionError('checkpoints of kafka.solo()', checkpoints, "a storage such as directory('.millrace/job')");
  if (run.restoreFrom !== undefined) {
    throw new MillraceError('OPTION_UNSUPPORTED', {
      message: 'restoreFrom does not go with kafka.solo(): output that was committed on Kafka cannot be taken back.',
      fields: { option: 'restoreFrom' },
    });
  }
  const connection = new Connection('kafka.solo()', {
    bootstrap,
    ...(security === undefined ? {} : { security }),
    ...(client === undefined ? {} : { client }),
    ...(driver === undefined ? {} : { driver }),
  });
  const holder: SessionHolder = { session: undefined };
  const session = { connection, prefix, ...timesOf({ guarantee, commitInterval, transactionTimeout, callTimeout }) };
  const storage: CheckpointStorage = Object.freeze({
    kind: `kafka, ${checkpoints.kind}`,
    retained: checkpoints.retained,
    commitsAtStart: true,
    open: (context: StorageContext) =>
      openStore(checkpoints, holder, { ...session, group: `${prefix}${context.job}` }, context),
  });
  return { ...run, guarantee, commitInterval, checkpoints: storage, resources: { [RESOURCE]: holder } };
}

/** What the session needs to know of guarantee and times. */
function timesOf(options: {
  readonly guarantee: Guarantee;
  readonly commitInterval: Duration;
  readonly transactionTimeout: Duration;
  readonly callTimeout: Duration | undefined;
}) {
  const { guarantee, commitInterval, transactionTimeout, callTimeout } = options;
  const transactional = guarantee === 'exactly-once';
  const commitIntervalMs = positiveDurationMs(commitInterval, 'commitInterval of kafka.solo()');
  const transactionTimeoutMs = positiveDurationMs(transactionTimeout, 'transactionTimeout of kafka.solo()');
  // Each transaction would run out of time before its commit.
  if (transactional && transactionTimeoutMs <= commitIntervalMs) {
    const longer = `more than commitInterval, ${commitInterval}`;
    throw optionError('transactionTimeout of kafka.solo()', transactionTimeout, longer);
  }
  const lingerMs = commitIntervalMs < LINGER_FROM_MS ? 0 : 5;
  const callMs =
    callTimeout === undefined ? {} : { callMs: positiveDurationMs(callTimeout, 'callTimeout of kafka.solo()') };
  return { transactional, transactionTimeoutMs, lingerMs, ...callMs };
}

async function openStore(
  checkpoints: CheckpointStorage,
  holder: SessionHolder,
  options: ConstructorParameters<typeof KafkaSession>[0],
  context: StorageContext,
): Promise<CheckpointStore> {
  const inner = await checkpoints.open(context);
  holder.session = new KafkaSession(options, context);
  return new KafkaStore(inner, holder.session);
}
