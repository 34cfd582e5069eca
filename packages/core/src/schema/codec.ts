import type { DecoderSource } from './decoder-source.ts';

/** What `read` returns for a value that does not fit; `undefined` is a value of optional schemas. */
export const INVALID: unique symbol = Symbol('millrace.invalid');

/** Whether a value comes in (JSON values) or goes out (decoded values). */
export type Direction = 'decode' | 'encode';

/** The first place that does not fit. */
export interface Finding {
  readonly path: string;
  readonly value: unknown;
  readonly expected: string;
}

/**
 * How values of one kind of schema are read and written. Reading and writing know no paths and throw nothing, so that
 * good records pay nothing for errors; only after a failure `explain` walks the value again and finds the place.
 */
export abstract class Codec<T> {
  /** The schema for people. */
  readonly describe: string;
  /** What `read` takes; completes the sentence "must be ...". */
  readonly expectedInput: string;
  /** What `write` takes; completes the same sentence. */
  readonly expectedValue: string;

  constructor(describe: string, expectedInput: string, expectedValue: string = expectedInput) {
    this.describe = describe;
    this.expectedInput = expectedInput;
    this.expectedValue = expectedValue;
  }

  /** The decoded value. `undefined` stands for a missing one. */
  abstract read(value: unknown): T | typeof INVALID;

  /** JSON text, or `undefined` if the value does not fit. */
  abstract write(value: unknown): string | undefined;

  /**
   * Adds statements that read the variable `raw` and leave the function by `source.failIf` unless it fits.
   * They may refuse what `read` takes (the caller then asks `read`), but must never take anything else.
   *
   * @returns the expression of the decoded value
   */
  abstract emit(source: DecoderSource, raw: string): string;

  /** Where and why `value` does not fit. Called only with values that do not. */
  explain(value: unknown, path: string, direction: Direction): Finding {
    return { path, value, expected: direction === 'decode' ? this.expectedInput : this.expectedValue };
  }

  /** Whether reading or writing `value` succeeds. */
  fits(value: unknown, direction: Direction): boolean {
    return direction === 'decode' ? this.read(value) !== INVALID : this.write(value) !== undefined;
  }
}
