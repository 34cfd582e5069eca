import { MillraceError } from 'millrace';

/** Where a change comes from. */
export interface DebeziumSource {
  /** `postgresql`, `mysql`, `sqlserver`, ... */
  readonly connector: string;
  readonly db: string;
  /** `undefined` for databases without schemas. */
  readonly schema: string | undefined;
  readonly table: string;
  /**
   * Place in the database's log, as text: PostgreSQL's LSN, MySQL's `file:pos:row`, SQL Server's `commit:change:serial`, Oracle's SCN,
   * MongoDB's `time:order`. Two changes of a table with the same position are the same one.
   */
  readonly position: string;
  /** Everything that the connector tells, by its own names. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** By which fields of `source` connectors tell a place, the coarser first; the first kind that is there is taken. */
const POSITIONS: readonly (readonly string[])[] = [
  ['lsn'],
  ['file', 'pos', 'row'],
  ['commit_lsn', 'change_lsn', 'event_serial_no'],
  ['commit_scn', 'scn', 'rs_id', 'ssn'],
  ['scn'],
  ['sec', 'ord'],
  ['ts_ms', 'ord'],
];

/** Names under which connectors give the transaction. */
const TRANSACTIONS = ['txId', 'gtid', 'transaction_id', 'stxnid'];

/** @throws MillraceError `RECORD_MALFORMED` */
export function sourceOf(value: unknown): {
  readonly source: DebeziumSource;
  readonly timestamp: number | undefined;
  readonly transactionId: string | undefined;
} {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('source', 'is no object');
  const raw = value as Readonly<Record<string, unknown>>; // an object, each of whose fields is looked at
  const textIn = (name: string): string => {
    const found = raw[name];
    if (typeof found === 'string') return found;
    throw wrong(`source.${name}`, 'is no text');
  };
  const table = typeof raw['collection'] === 'string' ? raw['collection'] : textIn('table');
  const timestamp = raw['ts_ms'];
  return {
    source: {
      connector: textIn('connector'),
      db: textIn('db'),
      schema: typeof raw['schema'] === 'string' ? raw['schema'] : undefined,
      table,
      position: positionIn(raw),
      raw,
    },
    timestamp: Number.isSafeInteger(timestamp) && timestamp !== 0 ? (timestamp as number) : undefined,
    transactionId: TRANSACTIONS.map((name) => shown(raw[name])).find((id) => id !== undefined),
  };
}

function positionIn(raw: Readonly<Record<string, unknown>>): string {
  for (const names of POSITIONS) {
    const parts = names.map((name) => shown(raw[name]));
    if (parts[0] !== undefined) return parts.filter((part) => part !== undefined).join(':');
  }
  throw wrong('source', `has none of ${POSITIONS.map(([name]) => name).join(', ')}: its position is not known`);
}

/** Numbers, and text that is not empty. */
function shown(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

function wrong(path: string, what: string): MillraceError {
  return new MillraceError('RECORD_MALFORMED', { message: `no Debezium envelope: ${path} ${what}`, fields: { path } });
}
