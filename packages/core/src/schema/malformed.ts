import { MillraceError, messageOf } from '../errors/index.ts';
import type { Direction, Finding } from './codec.ts';
import { shorten, showValue } from './show-value.ts';

/** Longest path in a message, in UTF-16 units; `fields.path` has all of it. */
const PATH_MAX = 200;

/** Engines quote the text around the error; more than this is of no use to anybody. Characters. */
const PARSER_MESSAGE_MAX = 120;

/** The error for a value that does not fit: names the field, shows the value, says what is expected. */
export function malformed({ path, value, expected }: Finding, direction: Direction): MillraceError {
  const subject = path === '' ? 'the value' : shorten(path, PATH_MAX);
  const actual = value === undefined ? 'is missing' : `is ${showValue(value)}`;
  const prefix = direction === 'encode' ? 'cannot encode: ' : '';
  return withoutStack(
    () =>
      new MillraceError('RECORD_MALFORMED', {
        message: `${prefix}${subject} ${actual}, but must be ${expected}`,
        fields: { path, expected },
      }),
  );
}

/** The error for text that `JSON.parse` refused. */
export function notJson(cause: unknown): MillraceError {
  return withoutStack(
    () =>
      new MillraceError('RECORD_MALFORMED', {
        message: `not JSON: ${shorten(messageOf(cause), PARSER_MESSAGE_MAX)}`,
        fields: { path: '', expected: 'JSON text' },
        cause,
      }),
  );
}

/**
 * An error about data, not about code: where it was noticed helps nobody, and a stack costs ten times as much as all the
 * rest of a malformed record (13 us against 1 us).
 */
function withoutStack(create: () => MillraceError): MillraceError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return create();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
