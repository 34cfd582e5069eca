import type { ErrorCode } from './codes.ts';

const BRAND = Symbol.for('millrace.error');

/** Structured facts of an error: what a program needs to act on it without reading the message. */
export type ErrorFields = Readonly<Record<string, unknown>>;

/** What a `MillraceError` is made of. */
export interface ErrorInit {
  /** What failed, the actual value, and the cure. */
  readonly message: string;
  /** `true` if the same call may succeed later without a change of the program. Default `false`. */
  readonly retryable?: boolean;
  /** Facts for programs: operator, partition, position, path, ... */
  readonly fields?: ErrorFields;
  /** The error underneath. */
  readonly cause?: unknown;
}

/**
 * The one error class of Millrace. `instanceof` also works when two copies of the package are loaded, because the
 * check looks for a registered symbol instead of the prototype.
 *
 * @example
 * try { await handle.done } catch (error) {
 *   if (error instanceof MillraceError && error.code === 'USER_FUNCTION') console.error(error.fields.operator);
 * }
 */
export class MillraceError extends Error {
  /** What kind of failure this is; stable across releases. */
  readonly code: ErrorCode;
  /** Whether a later try of the same thing can succeed. */
  readonly retryable: boolean;
  /** Structured facts, e.g. `operator`, `partition`, `position`. */
  readonly fields: ErrorFields;

  constructor(code: ErrorCode, init: ErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'MillraceError';
    this.code = code;
    this.retryable = init.retryable ?? false;
    this.fields = Object.freeze({ ...init.fields });
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** The text of anything thrown: the message of an `Error`, else its string form. Never throws. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return 'a value that cannot be shown';
  }
}
