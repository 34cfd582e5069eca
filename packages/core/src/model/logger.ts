/** Facts that accompany a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where the engine reports what it does. pino, winston and the console fit with a one-line adapter.
 *
 * @example
 * flow.run({ logger: { debug() {}, info: console.log, warn: console.warn, error: console.error } });
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that says nothing. */
export const silentLogger: Logger = Object.freeze({ debug() {}, info() {}, warn() {}, error() {} });
