export type { ErrorCode } from './codes.ts';
export { MillraceError, messageOf, type ErrorFields, type ErrorInit } from './millrace-error.ts';
export { invariant, neverHappens } from './invariant.ts';
export { checkOptions } from './check-options.ts';
export { optionError } from './option-error.ts';
