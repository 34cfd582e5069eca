import { MillraceError, messageOf } from 'millrace';

/** A value that does not fit: names the field. No stack: it is about data, and costs ten times as much as all the rest. */
export function malformed(message: string, path: string = ''): MillraceError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new MillraceError('RECORD_MALFORMED', { message, fields: path === '' ? {} : { path } });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A field of a record that does not hold what it must. */
export function wrongField(path: string, actual: string, expected: string): MillraceError {
  return malformed(`${path === '' ? 'the value' : path} ${actual}, but must be ${expected}`, path);
}

/** Whatever a codec throws for bytes that it cannot read. */
export function unreadable(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  return malformed(`the value does not fit its schema: ${messageOf(error)}`);
}
