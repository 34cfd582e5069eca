import { deepFreeze } from '../../internal/deep-freeze.ts';

/** What is done to a value of state when a function of the program gives it or gets it. */
export type HandOut = <T>(value: T) => T;

/** Values go in and out as they are. */
export const asItIs: HandOut = (value) => value;

/**
 * In development: arrays and plain objects are frozen, with all they are made of, so that who changes one in place, without
 * `set` or `update`, gets an error there and then.
 */
export const frozen: HandOut = deepFreeze;
