import { seededRandom } from '../../internal/seeded-random.ts';
import type { Cancellable, Clock, Logger, LogFields, Random, Scheduler } from '../../model/index.ts';

/** The system's clock: standard globals only, so it works in Node and in browsers. */
export const systemClock: Clock = Object.freeze({ now: () => Date.now(), monotonic: () => performance.now() });

/** The system's timers. `defer` is a macrotask: `setImmediate` where there is one, else a message channel. */
export const systemScheduler: Scheduler = Object.freeze({
  defer: typeof setImmediate === 'function' ? (task: () => void) => void setImmediate(task) : deferByMessage,
  after(delayMs: number, task: () => void): Cancellable {
    const timer = setTimeout(task, Math.min(delayMs, MAX_DELAY_MS));
    return { cancel: () => clearTimeout(timer) };
  },
});

/** Longer delays overflow the timer's 32 bits and would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

function deferByMessage(task: () => void): void {
  const { port1, port2 } = new MessageChannel();
  // Browsers only get here; Node's types know another interface of the same class.
  (port1 as unknown as { onmessage: () => void }).onmessage = () => {
    port1.close();
    task();
  };
  port2.postMessage(undefined);
}

/** Random numbers seeded from the clock; the seed is the only thing that is not reproducible. */
export function systemRandom(): Random {
  return seededRandom(Date.now());
}

/** Prints to the console, from `info` up. */
export const consoleLogger: Logger = Object.freeze({
  debug() {},
  info: (message: string, fields?: LogFields) => print('info', message, fields),
  warn: (message: string, fields?: LogFields) => print('warn', message, fields),
  error: (message: string, fields?: LogFields) => print('error', message, fields),
});

/** To stderr in Node: stdout belongs to the program. */
function print(level: string, message: string, fields: LogFields | undefined): void {
  const details = fields === undefined ? '' : ` ${JSON.stringify(fields)}`;
  console.error(`millrace ${level}: ${message}${details}`);
}

/** Whether this is a development or test run, by the custom of `NODE_ENV`; bundlers put a constant in its place. */
export function isDevelopment(): boolean {
  // Where there is a process it is looked up here, so that the engine runs where there is none.
  // oxlint-disable-next-line eslint/no-restricted-properties
  const { process } = globalThis as { readonly process?: { readonly env?: Readonly<Record<string, string>> } };
  const mode = process?.env?.['NODE_ENV'];
  return mode === 'development' || mode === 'test';
}

/** Part of the heap that state may take by default: the rest is for everything else, and for the collector to work in. */
const STATE_SHARE = 0.6;

/** Ceiling of state by default, bytes: a part of the heap's limit, which only Node tells; else Infinity. */
export function defaultMaxStateBytes(): number {
  // oxlint-disable-next-line eslint/no-restricted-properties
  const { process } = globalThis as { readonly process?: { readonly getBuiltinModule?: (name: string) => unknown } };
  const v8 = process?.getBuiltinModule?.('node:v8') as
    { readonly getHeapStatistics: () => { readonly heap_size_limit: number } } | undefined;
  return v8 === undefined ? Infinity : STATE_SHARE * v8.getHeapStatistics().heap_size_limit;
}

/** A new UUID. */
export function newId(): string {
  return crypto.randomUUID();
}
