import { messageOf, MillraceError } from 'millrace';

/** What a query comes back with, as far as it is used here. */
export interface PgResult {
  readonly rowCount: number | null;
  readonly rows: readonly unknown[];
}

/** A client of a pool: `PoolClient` of pg is one. */
export interface PgClient {
  query(text: string, values?: unknown[]): Promise<PgResult>;
  /** Back to the pool; with an error it is closed. */
  release(error?: Error | boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** A pool of clients: `Pool` of pg is one. */
export interface PgPool<C extends PgClient = PgClient> {
  connect(): Promise<C>;
}

/** How an error of the store begins. */
export const STORE = 'postgresStore()';

/** A query of the store itself. @throws MillraceError `IO_FAILED`, retryable */
export async function ask(client: PgClient, step: string, text: string, values: unknown[] = []): Promise<PgResult> {
  try {
    return await client.query(text, values);
  } catch (cause) {
    throw storeError(step, cause);
  }
}

export function storeError(step: string, cause: unknown): MillraceError {
  const { code } = cause as { readonly code?: unknown };
  const known = typeof code === 'string';
  return new MillraceError('IO_FAILED', {
    message: `${STORE}: ${step} failed: ${messageOf(cause)}${known ? ` (${code})` : ''}`,
    fields: { step, ...(known ? { postgres: code } : {}) },
    retryable: true,
    cause,
  });
}

/**
 * Lends a client. One whose connection has failed, or that `act` has left in doubt, does not go back into the pool.
 *
 * @throws MillraceError `IO_FAILED`, retryable, if there is none to be had
 */
export async function withClient<C extends PgClient, R>(
  pool: PgPool<C>,
  act: (client: C, doubt: (error: Error) => void) => Promise<R>,
): Promise<R> {
  const client = await pool.connect().catch((cause: unknown) => {
    throw storeError('connecting', cause);
  });
  let broken: Error | undefined;
  const doubt = (error: Error): void => void (broken ??= error);
  // The connection of a client that nobody listens to would end the process when it breaks.
  client.on('error', doubt);
  try {
    return await act(client, doubt);
  } finally {
    client.removeListener('error', doubt);
    client.release(broken);
  }
}
