import { MillraceError, optionError } from 'millrace';
import { ask, STORE, withClient, type PgPool } from './postgres-client.ts';

/** Expired ids that one statement deletes: so few that nobody waits for its locks. */
const DELETED_AT_ONCE = 1_000;
/** The lock under which the table is made: two processes that make it at once would fail. */
const LOCK = 0x6d_69_6c_6c;

const NAME = /^[a-z_][a-z0-9_]{0,40}(\.[a-z_][a-z0-9_]{0,40})?$/;

/** The table of processed ids. */
export class PostgresTable {
  readonly name: string;
  private readonly pool: PgPool;
  private readonly create: boolean;
  private made: Promise<void> | undefined;

  /** @throws MillraceError `OPTION_INVALID` */
  constructor(pool: PgPool, name: string, create: boolean) {
    if (typeof name !== 'string' || !NAME.test(name))
      throw optionError(`table of ${STORE}`, name, 'a name in lower case, up to 41 characters, with or without schema');
    this.pool = pool;
    this.name = name;
    this.create = create;
  }

  /** The statements that make it, for whoever makes it by hand. */
  get ddl(): string {
    const index = `${this.name.replace(/^.*\./, '')}_expires`;
    return (
      `CREATE TABLE IF NOT EXISTS ${this.name} (scope text NOT NULL, id text NOT NULL, ` +
      'processed_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL, PRIMARY KEY (scope, id)); ' +
      `CREATE INDEX IF NOT EXISTS ${index} ON ${this.name} (expires_at)`
    );
  }

  /** It is there from now on. @throws MillraceError `IO_NOT_FOUND`, or `IO_FAILED` */
  ready(): Promise<void> {
    if (this.made !== undefined) return this.made;
    const made = this.make();
    this.made = made;
    // Who may not make it now may find it made later.
    made.catch(() => (this.made = undefined));
    return made;
  }

  /** Deletes ids that have expired. Returns how many there were. */
  async deleteExpired(): Promise<number> {
    await this.ready();
    const expired = `SELECT ctid FROM ${this.name} WHERE expires_at <= now() LIMIT ${DELETED_AT_ONCE} FOR UPDATE SKIP LOCKED`;
    return withClient(this.pool, async (client) => {
      for (let total = 0; ;) {
        const deleted = await ask(
          client,
          'deleting expired ids',
          `DELETE FROM ${this.name} WHERE ctid IN (${expired})`,
        );
        total += deleted.rowCount ?? 0;
        if ((deleted.rowCount ?? 0) < DELETED_AT_ONCE) return total;
      }
    });
  }

  private make(): Promise<void> {
    return withClient(this.pool, async (client, doubt) => {
      const { rows } = await ask(client, 'looking for its table', 'SELECT to_regclass($1) IS NOT NULL AS there', [
        this.name,
      ]);
      if ((rows[0] as { readonly there?: boolean } | undefined)?.there === true) return;
      if (!this.create)
        throw new MillraceError('IO_NOT_FOUND', {
          message: `${STORE}: there is no table '${this.name}'. Make it (${this.ddl}), or leave createTable out.`,
        });
      const step = `making its table '${this.name}' (by hand: ${this.ddl})`;
      try {
        // One message, and so one transaction.
        await ask(client, step, `BEGIN; SELECT pg_advisory_xact_lock(${LOCK}); ${this.ddl}; COMMIT`, undefined);
      } catch (error) {
        doubt(error as Error);
        throw error;
      }
    });
  }
}
