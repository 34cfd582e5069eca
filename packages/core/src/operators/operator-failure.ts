import { messageOf, MillraceError, type ErrorCode } from '../errors/index.ts';
import { shownKey } from '../state/index.ts';
import type { RecordOrigin } from './step-control.ts';

/** What an operator knows of a failure; partition and position are added where the record came from. */
export interface FailureInit {
  readonly operator: string;
  /** What failed: `map function`, `key selector`, ... */
  readonly what: string;
  readonly code?: ErrorCode;
  readonly cause: unknown;
  readonly key?: unknown;
  readonly window?: { readonly start: number; readonly end: number };
  /** What the window held, where it is known; of a sink, what it could not write. */
  readonly contents?: unknown;
  /** The firing whose result an operator further down failed on. */
  readonly firing?: Firing;
}

/** A window that is being fired. */
export interface Firing {
  readonly operator: string;
  readonly key: unknown;
  readonly window: { readonly start: number; readonly end: number };
  readonly contents?: unknown;
}

/** What V8 says where something frozen is changed. */
const FROZEN = /read only property|not extensible|Cannot delete property/;

/** A function of the program threw, or gave something unusable, on one record. Never leaves the engine as it is. */
export class OperatorFailure extends Error {
  readonly init: FailureInit;

  constructor(init: FailureInit) {
    super(`${init.what} of '${init.operator}' failed: ${reasonOf(init.cause)}`, { cause: init.cause });
    this.init = init;
  }

  get code(): ErrorCode {
    return this.init.code ?? (this.init.cause instanceof MillraceError ? this.init.cause.code : 'USER_FUNCTION');
  }

  /** What operators behind a window throw becomes a failure of its firing, unless it is one of a firing already. */
  static during(cause: unknown, firing: () => Firing): unknown {
    if (!(cause instanceof OperatorFailure) || cause.init.window !== undefined || cause.init.firing !== undefined)
      return cause;
    return new OperatorFailure({ ...cause.init, firing: firing() });
  }

  /** The error for the program, with the origin of the record. */
  toError(origin: RecordOrigin | undefined): MillraceError {
    const { operator, cause, firing } = this.init;
    const { key, window } = firing ?? this.init;
    const place =
      origin === undefined
        ? ''
        : ` on the record of ${origin.source}, partition ${origin.partition}, position ${origin.position}`;
    const of = window === undefined ? '' : ` for key ${shownKey(key)} in window [${window.start}, ${window.end})`;
    return new MillraceError(this.code, {
      message: `${this.init.what} of '${operator}' failed${place}${of}: ${reasonOf(cause)}`,
      fields: {
        operator,
        source: origin?.source,
        partition: origin?.partition,
        position: origin?.position,
        key,
        window,
      },
      cause,
    });
  }
}

/** What went wrong, with the cure where records or values of state were changed in place. */
function reasonOf(cause: unknown): string {
  const message = messageOf(cause);
  if (!(cause instanceof TypeError) || !FROZEN.test(message)) return message;
  return `${message}. Records and values of state are shared: make a new one, and put it in place by set(...) or update(...)`;
}
