import { MillraceError, messageOf } from 'millrace';
import pRetry from 'p-retry';

/** Between two tries, milliseconds: at first, and at most. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

const HTTP_TIMEOUT = 408;
const HTTP_TOO_MANY = 429;
const HTTP_ERRORS = 500;

/** What a call has to say about itself. */
export interface CallContext {
  readonly url: string;
  readonly retryForMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Statuses beside 404 that say that the registry does not have what is asked for. */
  readonly absent?: readonly number[];
}

/**
 * A call of the registry. While it is down, that is: gives no answer or one of its own failure, the call is repeated until the time is
 * over.
 *
 * @returns `undefined` for what the registry does not have (404 with an error code of its own: another 404 is that of a wrong address)
 * @throws MillraceError `IO_FAILED`, retryable if the registry was down all the time
 */
export async function call<T>(what: string, context: CallContext, ask: () => Promise<T>): Promise<T | undefined> {
  const { url, retryForMs, signal } = context;
  try {
    return await pRetry(() => orAborted(ask(), signal), {
      retries: Infinity,
      minTimeout: FIRST_WAIT_MS,
      maxTimeout: LONGEST_WAIT_MS,
      maxRetryTime: retryForMs,
      randomize: true,
      shouldRetry: ({ error }) => signal?.aborted !== true && isDown(error),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (isAbsent(error, context.absent)) return undefined;
    const down = isDown(error);
    const said = messageOf(error);
    throw new MillraceError('IO_FAILED', {
      message: down
        ? `the schema registry ${url} does not answer (${what}): ${said}. It was tried again for ${retryForMs} ms (retryFor).`
        : `the schema registry ${url} refused to ${what}: ${said}${cureOf(statusOf(error))}`,
      fields: { registry: url, status: statusOf(error) },
      retryable: down,
      cause: error,
    });
  }
}

/** Status of the registry's answer; `undefined`: there was none. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}

function isDown(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status === HTTP_TIMEOUT || status === HTTP_TOO_MANY || status >= HTTP_ERRORS;
}

/** Codes of registries for what they do not have: subject, version, schema, policy. */
const ABSENT_CODES = [404_00, 404_99] as const;

function isAbsent(error: unknown, statuses: readonly number[] = []): boolean {
  const status = statusOf(error);
  if (status === undefined) return false;
  const code = (error as { readonly errorCode?: unknown }).errorCode;
  const [from, to] = ABSENT_CODES;
  return statuses.includes(status) || (status === 404 && typeof code === 'number' && code >= from && code <= to);
}

/** A request that is under way is not waited for once nobody wants its answer. */
function orAborted<T>(request: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return request;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    request.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function cureOf(status: number | undefined): string {
  if (status === 404) return ". Is its address complete? Apicurio's ends with /apis/ccompat/v7.";
  return status === 401 || status === 403 ? '. Check auth of schemaRegistry() and what the user may do.' : '';
}
