import { randomUUID } from 'node:crypto';
import {
  checkOptions,
  messageOf,
  MillraceError,
  optionError,
  positiveDurationMs,
  systemClock,
  systemScheduler,
  type Duration,
} from 'millrace';
import type { NoContext, OnceStore } from './once-store.ts';
import { commandOf, type RedisClient, type RedisCommand } from './redis-commands.ts';

/** Options of `redisStore`. */
export interface RedisStoreOptions {
  /**
   * Begins every key and ends with `:`; consumers that are to do the same record each for itself need different ones. What follows is the
   * id as `encodeURIComponent` writes it, so that no two ids of two prefixes have one key. Default `'millrace:once:'`.
   */
  readonly prefix?: string;
  /**
   * How long a record counts as being processed without a sign of life of its process. It is renewed while the handler runs; after a
   * crash the record waits for its end. Default `'30s'`.
   */
  readonly lease?: Duration;
  /** How long a call waits for another process that has the same id under way. Default `'60s'`. */
  readonly wait?: Duration;
}

const WHERE = 'redisStore()';
/** Value of an id that is done; of one that is under way it is the token of whoever has it. */
const DONE = 'done';
/** Between two looks at an id that another process has under way, milliseconds. */
const LOOK_MS = 50;

const RENEW =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0";
const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

/**
 * Remembers ids in Redis, for all processes: at-least-once. Two do not process a record at once, and one that was processed is not
 * processed again, except in a window: a process that dies after its handler is done and before Redis has heard of it, or that cannot
 * reach Redis then, has the record done again, after `lease`; so has one that is frozen for longer than `lease`, and a Redis that loses
 * or evicts keys (`maxmemory-policy noeviction` and `appendfsync always` keep them), as one does whose replica takes over.
 *
 *   SET token NX --taken--> handler, lease renewed --ok--> SET done   \ a crash here: done again
 *        |                                \--failed--> DEL, if it is still ours
 *        \--held--> done: false; a token: look again until it is done or gone
 *
 * @throws {MillraceError} `OPTION_INVALID`; when used `IO_FAILED`, retryable, if Redis does not answer, or another process has the id
 *   under way for longer than `wait`
 * @example
 * const store = redisStore(new Redis('redis://localhost:6379'), { prefix: 'billing:' });
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): OnceStore<NoContext> {
  checkOptions(WHERE, options, ['prefix', 'lease', 'wait']);
  const { prefix = 'millrace:once:', lease = '30s', wait = '60s' } = options;
  if (typeof prefix !== 'string' || !prefix.endsWith(':'))
    throw optionError(`prefix of ${WHERE}`, prefix, "text that ends with ':'");
  const parts = {
    send: failing(commandOf(client)),
    leaseMs: positiveDurationMs(lease, `lease of ${WHERE}`),
    waitMs: positiveDurationMs(wait, `wait of ${WHERE}`),
  };
  return Object.freeze({
    name: 'redis',
    guarantee: 'at-least-once' as const,
    once: (id: string, ttlMs: number, act: (context: NoContext) => Promise<void>) =>
      onceInRedis(parts, `${prefix}${encodeURIComponent(id)}`, ttlMs, act),
  });
}

interface RedisParts {
  readonly send: RedisCommand;
  readonly leaseMs: number;
  readonly waitMs: number;
}

async function onceInRedis(
  parts: RedisParts,
  key: string,
  ttlMs: number,
  act: (context: NoContext) => Promise<void>,
): Promise<boolean> {
  const token = randomUUID();
  if (!(await take(parts, key, token))) return false;
  const stop = renewing(parts, key, token);
  try {
    await act({});
  } catch (error) {
    stop();
    // What cannot be released now ends with its lease.
    await parts.send('EVAL', RELEASE, '1', key, token).catch(() => undefined);
    throw error;
  }
  try {
    // Whoever has it by now: it is done.
    await parts.send('SET', key, DONE, 'PX', String(ttlMs));
  } finally {
    stop();
  }
  return true;
}

/** Resolves to whether the id is ours; `false`: it is done. */
async function take({ send, leaseMs, waitMs }: RedisParts, key: string, token: string): Promise<boolean> {
  for (const untilMs = systemClock.monotonic() + waitMs; ;) {
    if ((await send('SET', key, token, 'NX', 'PX', String(leaseMs))) !== null) return true;
    const holder = await send('GET', key);
    if (String(holder) === DONE) return false;
    // The client has asked again after its connection broke, and the first time was heard.
    if (String(holder) === token) return true;
    if (systemClock.monotonic() >= untilMs)
      throw new MillraceError('IO_FAILED', {
        message: `${WHERE}: '${key}' has been under way in another process for ${waitMs} ms. Try again later, or give a longer wait.`,
        fields: { key },
        retryable: true,
      });
    // Otherwise it has gone between the two questions.
    if (holder !== null) await new Promise<void>((resolve) => systemScheduler.after(LOOK_MS, resolve));
  }
}

/** Keeps a lease from ending while the handler runs. Returns what stops it. */
function renewing({ send, leaseMs }: RedisParts, key: string, token: string): () => void {
  let stopped = false;
  const renew = (): void => {
    if (stopped) return;
    // A renewal that fails is followed by another, and by the end of the lease.
    void send('EVAL', RENEW, '1', key, token, String(leaseMs)).catch(() => undefined);
    timer = systemScheduler.after(leaseMs / 3, renew);
  };
  let timer = systemScheduler.after(leaseMs / 3, renew);
  return () => {
    stopped = true;
    timer.cancel();
  };
}

function failing(send: RedisCommand): RedisCommand {
  return async (name, ...args) => {
    try {
      return await send(name, ...args);
    } catch (cause) {
      throw new MillraceError('IO_FAILED', {
        message: `${WHERE}: ${name} failed: ${messageOf(cause)}`,
        retryable: true,
        cause,
      });
    }
  };
}
