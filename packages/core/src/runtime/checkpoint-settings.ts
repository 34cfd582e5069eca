import { MillraceError, optionError } from '../errors/index.ts';
import { positiveDurationMs, type Duration } from '../internal/duration.ts';
import type { CheckpointStorage, Guarantee, RestartPolicy } from '../model/index.ts';
import type { CheckpointSettings } from './environment.ts';
import { exponentialDelay } from './restart-policies.ts';

/** Options of `flow.run` that have to do with checkpoints. */
export interface CheckpointOptions {
  readonly checkpoints?: CheckpointStorage;
  readonly guarantee?: Guarantee;
  readonly commitInterval?: Duration;
  readonly snapshotInterval?: Duration;
  readonly restart?: RestartPolicy;
  readonly fresh?: boolean;
  readonly restoreFrom?: number;
  readonly acceptChanges?: readonly string[];
}

const GUARANTEES: readonly unknown[] = ['exactly-once', 'at-least-once', 'at-most-once'] satisfies Guarantee[];
/** Restarts in a row after which a job gives up by default: some six minutes. */
const RESTARTS = 10;

/**
 * The settings with their defaults; `undefined` for a job without checkpoints.
 *
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNSUPPORTED` naming the option
 */
export function checkpointSettings(options: CheckpointOptions): CheckpointSettings | undefined {
  const { checkpoints, guarantee = 'exactly-once', restart, fresh = false, restoreFrom, acceptChanges = [] } = options;
  if (checkpoints === undefined) {
    refuseWithoutCheckpoints(options);
    return undefined;
  }
  if (typeof checkpoints !== 'object' || checkpoints === null || typeof checkpoints.open !== 'function') {
    throw optionError('checkpoints of flow.run()', checkpoints, "a storage such as directory('.millrace/job')");
  }
  if (!GUARANTEES.includes(guarantee))
    throw optionError(
      'guarantee of flow.run()',
      guarantee,
      GUARANTEES.map((known) => `'${String(known)}'`).join(' or '),
    );
  if (restart !== undefined && typeof restart?.delayMs !== 'function')
    throw optionError('restart of flow.run()', restart, 'a policy such as fixedDelay({ attempts: 3 })');
  if (typeof fresh !== 'boolean') throw optionError('fresh of flow.run()', fresh, 'true or false');
  if (restoreFrom !== undefined && !(Number.isInteger(restoreFrom) && restoreFrom > 0))
    throw optionError('restoreFrom of flow.run()', restoreFrom, 'the id of a checkpoint');
  if (!Array.isArray(acceptChanges))
    throw optionError('acceptChanges of flow.run()', acceptChanges, 'names of operators');
  return {
    storage: checkpoints,
    guarantee,
    commitIntervalMs: positiveDurationMs(options.commitInterval ?? '1s', 'commitInterval of flow.run()'),
    snapshotIntervalMs: positiveDurationMs(options.snapshotInterval ?? '30s', 'snapshotInterval of flow.run()'),
    restart: restart ?? exponentialDelay({ attempts: RESTARTS }),
    fresh,
    restoreFrom,
    acceptChanges,
  };
}

/** Silently doing nothing would be worse than an error. */
function refuseWithoutCheckpoints(options: CheckpointOptions): void {
  const needy = ['guarantee', 'commitInterval', 'snapshotInterval', 'restart', 'fresh', 'restoreFrom', 'acceptChanges'];
  const given = needy.find((name) => options[name as keyof CheckpointOptions] !== undefined);
  if (given === undefined) return;
  throw new MillraceError('OPTION_UNSUPPORTED', {
    message: `${given} of flow.run() means nothing without checkpoints. Give checkpoints: directory('.millrace/job') as well.`,
    fields: { option: given },
  });
}
