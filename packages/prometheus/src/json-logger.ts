import { checkOptions, optionError, type JobEvent, type LogFields, type Logger } from 'millrace';
import { pino, type DestinationStream } from 'pino';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Options of `jsonLogger`. */
export interface JsonLoggerOptions {
  /** Lines below it are not written. Default `'info'`. */
  readonly level?: (typeof LEVELS)[number];
  /** Where lines go: anything with `write`, such as `process.stdout`. Default: standard error, written at once. */
  readonly to?: { write(line: string): unknown };
}

const STDERR = 2;

/**
 * A logger that writes one JSON object a line: `level`, `time` (ISO 8601, UTC), `message`, and `fields` where there are any.
 * Errors among the fields become objects of their type, message and stack. Made with pino.
 *
 * @throws {MillraceError} `OPTION_INVALID`
 * @example
 * await flow.run({ logger: jsonLogger({ level: 'debug' }) });
 */
export function jsonLogger(options: JsonLoggerOptions = {}): Logger {
  checkOptions('jsonLogger()', options, ['level', 'to']);
  const { level = 'info', to } = options;
  if (!LEVELS.includes(level))
    throw optionError('level of jsonLogger()', level, LEVELS.map((known) => `'${known}'`).join(' or '));
  if (to !== undefined && typeof to?.write !== 'function')
    throw optionError('to of jsonLogger()', to, 'something with write(line), such as process.stdout');
  // What is written last, before a process ends by an error, is what one wants to read.
  const target: DestinationStream =
    to === undefined ? pino.destination({ dest: STDERR, sync: true }) : { write: (line) => void to.write(line) };
  const settings = {
    level,
    base: null,
    messageKey: 'message',
    nestedKey: 'fields',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(settings, target);
  const write =
    (label: (typeof LEVELS)[number]) =>
    (message: string, fields?: LogFields): void => {
      if (fields === undefined) logger[label](message);
      else logger[label](readable(fields), message);
    };
  return Object.freeze({ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') });
}

/** How loud an event is. What comes once a second is for those who look for it. */
const LOUDNESS: Readonly<Record<JobEvent['type'], (typeof LEVELS)[number]>> = {
  checkpoint: 'debug',
  restoring: 'debug',
  restored: 'info',
  restarting: 'warn',
  stateSize: 'warn',
  alarm: 'warn',
  alarmEnded: 'info',
};

/**
 * Writes the events of a job to a logger: the type is the message, the rest are fields.
 *
 * @example
 * const logger = jsonLogger();
 * await flow.run({ logger, onEvent: logEvents(logger) });
 */
export function logEvents(logger: Logger): (event: JobEvent) => void {
  return ({ type, ...fields }) => logger[LOUDNESS[type] ?? 'info'](type, fields);
}

/** Errors have no fields of their own that JSON would show. */
function readable(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? pino.stdSerializers.err(value) : value,
    ]),
  );
}
