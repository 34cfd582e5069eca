import { checkOptions, optionError } from '../errors/index.ts';
import { formatDuration, nonNegativeDurationMs, positiveDurationMs, type Duration } from '../internal/duration.ts';
import type { RestartPolicy } from '../model/index.ts';

/**
 * The job is not started again: it fails with the first error.
 *
 * @example
 * await flow.run({ checkpoints: memoryCheckpoints(), restart: noRestart() });
 */
export function noRestart(): RestartPolicy {
  return Object.freeze({ describe: 'no restart', delayMs: () => undefined, resetAfterMs: Infinity });
}

/** Options of `fixedDelay`. */
export interface FixedDelayOptions {
  /** Restarts before it gives up, over the whole life of the job. Default 3. */
  readonly attempts?: number;
  /** Default `'1s'`. */
  readonly delay?: Duration;
}

/**
 * Starts again after the same time, a number of times.
 *
 * @throws {MillraceError} `OPTION_INVALID`
 * @example
 * await flow.run({ checkpoints: memoryCheckpoints(), restart: fixedDelay({ attempts: 5, delay: '10s' }) });
 */
export function fixedDelay(options: FixedDelayOptions = {}): RestartPolicy {
  checkOptions('fixedDelay()', options, ['attempts', 'delay']);
  const attempts = count('attempts of fixedDelay()', options.attempts ?? 3);
  const delayMs = nonNegativeDurationMs(options.delay ?? '1s', 'delay of fixedDelay()');
  return Object.freeze({
    describe: `fixedDelay(${attempts} x ${formatDuration(delayMs)})`,
    delayMs: ({ streak }) => (streak > attempts ? undefined : delayMs),
    resetAfterMs: Infinity,
  } satisfies RestartPolicy);
}

/** Options of `exponentialDelay`. */
export interface ExponentialDelayOptions {
  /** The first delay. Default `'1s'`. */
  readonly initial?: Duration;
  /** The longest delay. Default `'1m'`. */
  readonly max?: Duration;
  /** By what a delay is longer than the one before. Default 2. */
  readonly factor?: number;
  /** Part of a delay by which it is made longer or shorter at random, so that jobs do not return all at once. Default 0.1. */
  readonly jitter?: number;
  /** Running so long without a failure makes the next delay the first one again. Default `'10m'`. */
  readonly resetAfter?: Duration;
  /** Restarts in a row before it gives up. Default: no limit. */
  readonly attempts?: number;
}

/**
 * Starts again after delays that double, up to a longest one. What jobs with checkpoints do by default, ten times in a row
 * at most.
 *
 * @throws {MillraceError} `OPTION_INVALID`
 * @example
 * await flow.run({ checkpoints: memoryCheckpoints(), restart: exponentialDelay({ initial: '500ms', max: '30s' }) });
 */
export function exponentialDelay(options: ExponentialDelayOptions = {}): RestartPolicy {
  const of = 'of exponentialDelay()';
  checkOptions('exponentialDelay()', options, ['initial', 'max', 'factor', 'jitter', 'resetAfter', 'attempts']);
  const initialMs = positiveDurationMs(options.initial ?? '1s', `initial ${of}`);
  const maxMs = positiveDurationMs(options.max ?? '1m', `max ${of}`);
  const { factor = 2, jitter = 0.1, attempts = Infinity } = options;
  if (typeof factor !== 'number' || !(factor >= 1) || factor === Infinity)
    throw optionError(`factor ${of}`, factor, 'a number from 1 on');
  if (typeof jitter !== 'number' || !(jitter >= 0 && jitter <= 1))
    throw optionError(`jitter ${of}`, jitter, 'a number from 0 to 1');
  if (maxMs < initialMs) throw optionError(`max ${of}`, options.max, `at least initial, ${formatDuration(initialMs)}`);
  if (attempts !== Infinity) count(`attempts ${of}`, attempts);
  return Object.freeze({
    describe: `exponentialDelay(${formatDuration(initialMs)} to ${formatDuration(maxMs)})`,
    delayMs({ streak }, random) {
      if (streak > attempts) return undefined;
      const delay = Math.min(maxMs, initialMs * factor ** (streak - 1));
      return Math.min(maxMs, delay * (1 + jitter * (2 * random.next() - 1)));
    },
    resetAfterMs: positiveDurationMs(options.resetAfter ?? '10m', `resetAfter ${of}`),
  } satisfies RestartPolicy);
}

/** Options of `failureRate`. */
export interface FailureRateOptions {
  /** Failures within `per` that are borne. Default 3. */
  readonly failures?: number;
  /** Default `'5m'`. */
  readonly per?: Duration;
  /** Default `'1s'`. */
  readonly delay?: Duration;
}

/**
 * Starts again as long as failures are rare.
 *
 * @throws {MillraceError} `OPTION_INVALID`
 * @example
 * await flow.run({ checkpoints: memoryCheckpoints(), restart: failureRate({ failures: 5, per: '1h', delay: '5s' }) });
 */
export function failureRate(options: FailureRateOptions = {}): RestartPolicy {
  checkOptions('failureRate()', options, ['failures', 'per', 'delay']);
  const failures = count('failures of failureRate()', options.failures ?? 3);
  const perMs = positiveDurationMs(options.per ?? '5m', 'per of failureRate()');
  const delayMs = nonNegativeDurationMs(options.delay ?? '1s', 'delay of failureRate()');
  return Object.freeze({
    describe: `failureRate(${failures} per ${formatDuration(perMs)})`,
    delayMs({ times }) {
      const now = times.at(-1) ?? 0;
      return times.filter((time) => time > now - perMs).length > failures ? undefined : delayMs;
    },
    resetAfterMs: Infinity,
  } satisfies RestartPolicy);
}

function count(name: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 1) return value as number;
  throw optionError(name, value, 'a whole number from 1 on');
}
