import { checkOptions, MillraceError, optionError, positiveDurationMs, systemClock, type Duration } from 'millrace';
import type { OnceStore } from './once-store.ts';
import { ask, STORE, withClient, type PgClient, type PgPool } from './postgres-client.ts';
import { PostgresTable } from './postgres-table.ts';

/** Together with an id it must fit into a page of an index. */
const SCOPE = /^[^\u0000\p{Cs}]{1,200}$/u;
/** Stands as long as the transaction does: whoever has ended that one has removed it. */
const OURS = 'millrace_once';

/** Options of `postgresStore`. */
export interface PostgresStoreOptions {
  /** Table of processed ids. Default `'millrace_processed'`. */
  readonly table?: string;
  /**
   * Whose ids they are: consumers that are to do the same record each for itself need different ones. 1 to 200 characters. Default
   * `'default'`.
   */
  readonly scope?: string;
  /** Whether the table is made if it is not there. Default `true`. */
  readonly createTable?: boolean;
  /** How often, while records come, ids that have expired are deleted, beginning with the first one. Default `'10m'`. */
  readonly cleanUpInterval?: Duration;
}

/** What a handler is given: the client whose transaction its id is part of. It must neither end the transaction nor release it. */
export interface PostgresContext<C extends PgClient = PgClient> {
  readonly tx: C;
}

/** A store in PostgreSQL. */
export interface PostgresStore<C extends PgClient = PgClient> extends OnceStore<PostgresContext<C>> {
  /** Deletes ids that have expired, which the store does by itself now and then. Returns how many there were. */
  cleanUp(): Promise<number>;
}

/**
 * Remembers ids in PostgreSQL, in the transaction that the handler writes in: exactly-once for all that the handler does through
 * `tx`. A crash at any moment leaves both the id and the effects, or neither. What it does elsewhere (a mail, another database) is
 * at-least-once, as ever.
 *
 *   BEGIN --> INSERT id --new--> handler(record, { tx }) --ok--> COMMIT
 *               |                     \--failed--> ROLLBACK: neither id nor effects
 *               |--there already--> ROLLBACK: false
 *               \--under way in another transaction: waits for its end
 *
 * Each call takes a client of the pool for as long as the handler runs: `max` of the pool should be above `concurrency` of
 * the consumer.
 *
 * @param pool of pg; `postgresStore<PoolClient>(pool)` gives `tx` that type
 * @throws {MillraceError} `OPTION_INVALID`; when used `IO_FAILED`, retryable, if the database does not answer, `IO_NOT_FOUND` without
 *   the table, `JOB_STATE` if the handler has swallowed an error of a statement, after which nothing can be committed, or has ended the
 *   transaction itself
 * @example
 * const pool = new Pool({ connectionString: 'postgres://localhost/shop', max: 20 });
 * const once = processedOnce({ id: (order: Order) => order.id, store: postgresStore(pool, { scope: 'billing' }) });
 */
export function postgresStore<C extends PgClient = PgClient>(
  pool: PgPool<C>,
  options: PostgresStoreOptions = {},
): PostgresStore<C> {
  checkOptions(STORE, options, ['table', 'scope', 'createTable', 'cleanUpInterval']);
  const {
    table: name = 'millrace_processed',
    scope = 'default',
    createTable = true,
    cleanUpInterval = '10m',
  } = options;
  if (typeof pool?.connect !== 'function') throw optionError(`pool of ${STORE}`, pool, 'a Pool of pg');
  if (typeof scope !== 'string' || !SCOPE.test(scope))
    throw optionError(`scope of ${STORE}`, scope, 'text of 1 to 200 characters that can be stored');
  if (typeof createTable !== 'boolean') throw optionError(`createTable of ${STORE}`, createTable, 'true or false');
  const everyMs = positiveDurationMs(cleanUpInterval, `cleanUpInterval of ${STORE}`);
  const table = new PostgresTable(pool, name, createTable);
  let cleanedMs = -Infinity;
  return Object.freeze({
    name: 'postgres',
    guarantee: 'exactly-once' as const,
    cleanUp: () => table.deleteExpired(),
    async once(id: string, ttlMs: number, act: (context: PostgresContext<C>) => Promise<void>): Promise<boolean> {
      await table.ready();
      const acted = await withClient(pool, (client, doubt) =>
        inTransaction(client, doubt, () => insertAndAct(client, table.name, [scope, id, ttlMs], act)),
      );
      const nowMs = systemClock.monotonic();
      if (nowMs - cleanedMs >= everyMs) {
        cleanedMs = nowMs;
        // What is not deleted now is deleted the next time; nobody waits for it.
        table.deleteExpired().catch(() => undefined);
      }
      return acted;
    },
  });
}

/** Whether the id is new; then its effects are part of the transaction, too. */
async function insertAndAct<C extends PgClient>(
  client: C,
  table: string,
  values: unknown[],
  act: (context: PostgresContext<C>) => Promise<void>,
): Promise<boolean> {
  const insert =
    `INSERT INTO ${table} AS known (scope, id, expires_at) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond') ` +
    'ON CONFLICT (scope, id) DO UPDATE SET processed_at = now(), expires_at = EXCLUDED.expires_at ' +
    'WHERE known.expires_at <= clock_timestamp()';
  const { rowCount } = await ask(client, 'inserting an id', insert, values);
  if (rowCount === 0) return false;
  await act({ tx: client });
  return true;
}

/** Commits what `act` has done if it resolves to `true`, and takes it back otherwise. */
async function inTransaction(
  client: PgClient,
  doubt: (error: Error) => void,
  act: () => Promise<boolean>,
): Promise<boolean> {
  await ask(client, 'beginning a transaction', `BEGIN; SAVEPOINT ${OURS}`);
  let acted: boolean;
  try {
    acted = await act();
  } catch (error) {
    await ask(client, 'taking a transaction back', 'ROLLBACK').catch(doubt);
    throw error;
  }
  if (!acted) {
    await ask(client, 'taking a transaction back', 'ROLLBACK').catch(doubt);
    return false;
  }
  try {
    // One message. Without our savepoint the first statement fails, and nothing is committed.
    await ask(client, 'committing', `RELEASE SAVEPOINT ${OURS}; COMMIT`);
    return true;
  } catch (error) {
    const ended = endedByHandler(error);
    if (ended === undefined) {
      // Nobody knows whether it is committed: the id tells whoever comes next.
      doubt(error as Error);
      throw error;
    }
    await ask(client, 'taking a transaction back', 'ROLLBACK').catch(doubt);
    throw ended;
  }
}

/** What is told of a commit that the handler has made impossible; `undefined`: that is not what has happened. */
function endedByHandler(error: unknown): MillraceError | undefined {
  const code = error instanceof MillraceError ? error.fields['postgres'] : undefined;
  // in_failed_sql_transaction
  if (code === '25P02')
    return new MillraceError('JOB_STATE', {
      message:
        `${STORE}: nothing was committed: a statement of the handler has failed, and the handler has gone on as if it had not. Let its ` +
        'error go on, or use a SAVEPOINT around a statement that may fail.',
      cause: error,
    });
  // no_active_sql_transaction, invalid_savepoint_specification
  if (code !== '25P01' && code !== '3B001') return undefined;
  return new MillraceError('JOB_STATE', {
    message:
      `${STORE}: the handler has ended the transaction that it was given. What it did up to COMMIT is there, together with the id; after ` +
      'ROLLBACK neither is. Leave COMMIT and ROLLBACK to the store: to take everything back, throw.',
    cause: error,
  });
}
