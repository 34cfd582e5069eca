import { AsyncLocalStorage } from 'node:async_hooks';
import { checkOptions, MillraceError, optionError, positiveDurationMs, type Duration } from 'millrace';
import type { OnceStore } from './once-store.ts';

/** Options of `processedOnce`. */
export interface ProcessedOnceOptions<R, C> {
  /**
   * What makes a record the same one when it comes again: an id that its producer gave it (best), or its place,
   * `${topic}-${partition}-${offset}`, which a record that is sent twice has two of. 1 to 500 characters, none of them U+0000 or half
   * of a surrogate pair.
   */
  readonly id: (record: R) => string;
  readonly store: OnceStore<C>;
  /** For how long an id is remembered: longer than a record may be away and come back. Default `'7d'`. */
  readonly ttl?: Duration;
}

/** A handler that is given what its store has for it, such as a transaction. */
export type OnceHandler<R, C> = (record: R, context: C) => Promise<void> | void;

const WHERE = 'processedOnce()';
const ID_LENGTH_MAX = 500;
/** U+0000, which PostgreSQL does not take; half of a surrogate pair: written as UTF-8, all of them are the same. */
const NOT_STORABLE = /[\u0000\p{Cs}]/u;

/** What handlers around this call have under way. */
interface UnderWay {
  readonly store: object;
  readonly id: string;
  readonly around: UnderWay | undefined;
}

const underWay = new AsyncLocalStorage<UnderWay>();

/**
 * Wraps a handler so that it is called once for each id, however often its record comes. How far that holds over crashes is the
 * store's: with `postgresStore`, whose transaction the handler writes in, exactly once; with the others a crash between the handler's
 * end and the note of it has the record done again.
 *
 * @throws {MillraceError} `OPTION_INVALID`. The wrapped handler rejects with what the handler has thrown, with `RECORD_MALFORMED` for an
 *   id that is none, with `IO_FAILED` if the store does not work, and with `JOB_STATE` if a handler calls for the id that it has
 *   under way itself
 * @example
 * const once = processedOnce({ id: (order: Order) => order.id, store: postgresStore(pool), ttl: '7d' });
 * const handle = once(async (order, { tx }) => {
 *   await tx.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [order.amount, order.account]);
 * });
 * await handle(order);
 */
export function processedOnce<R, C>(
  options: ProcessedOnceOptions<R, C>,
): (handler: OnceHandler<R, C>) => (record: R) => Promise<void> {
  checkOptions(WHERE, options, ['id', 'store', 'ttl']);
  const { id, store, ttl = '7d' } = options;
  if (typeof id !== 'function') throw optionError(`id of ${WHERE}`, id, 'a function: (record) => record.id');
  if (typeof store?.once !== 'function')
    throw optionError(`store of ${WHERE}`, store, 'memoryStore(), redisStore(client) or postgresStore(pool)');
  const ttlMs = positiveDurationMs(ttl, `ttl of ${WHERE}`);
  return (handler) => {
    if (typeof handler !== 'function') throw optionError(`handler of ${WHERE}`, handler, 'a function');
    return async (record) => {
      const known = checkedId(id(record));
      const around = underWay.getStore();
      refuseOwn(store, known, around);
      await store.once(known, ttlMs, async (context) =>
        underWay.run({ store, id: known, around }, async () => handler(record, context)),
      );
    };
  };
}

/** It would wait for its own end. */
function refuseOwn(store: object, id: string, around: UnderWay | undefined): void {
  for (let outer = around; outer !== undefined; outer = outer.around)
    if (outer.store === store && outer.id === id)
      throw new MillraceError('JOB_STATE', {
        message:
          `${WHERE}: id '${id}' is under way in the handler that calls for it. Call the inner function itself, or ` +
          'give it another id.',
      });
}

function checkedId(id: unknown): string {
  const text = typeof id === 'string';
  const fits = text && id.length > 0 && id.length <= ID_LENGTH_MAX;
  if (fits && !NOT_STORABLE.test(id)) return id;
  const wrong = fits ? 'with a character that cannot be stored (U+0000, or half of a surrogate pair)' : '';
  const shown = text ? `text ${wrong === '' ? `of ${id.length} characters` : wrong}` : String(id);
  throw new MillraceError('RECORD_MALFORMED', {
    message: `id() of ${WHERE} returned ${shown}; it must return text of 1 to ${ID_LENGTH_MAX} characters, such as String(record.id)`,
  });
}
