import { expect } from 'vitest';
import { MillraceError } from '../../src/errors/index.ts';

/** The MillraceError that `run` throws. */
export function errorOf(run: () => unknown): MillraceError {
  try {
    run();
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

/** What a call gives: its value, or what the error says. */
export function outcomeOf(run: () => unknown): unknown {
  try {
    return { value: run() };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { code: error.code, message: error.message, fields: error.fields };
  }
}

/** The path of the field that `run` complains about. */
export function pathOf(run: () => unknown): unknown {
  const error = errorOf(run);
  expect(error.code).toBe('RECORD_MALFORMED');
  return error.fields['path'];
}
