import { MillraceError } from './millrace-error.ts';

/** A wrong option: names it, shows the actual value, says what is expected. */
export function optionError(name: string, actual: unknown, expected: string): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    message: `${name} is ${show(actual)}, but must be ${expected}.`,
    fields: { option: name, actual },
  });
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
