/**
 * Every code a `MillraceError` can carry. The first word says who has to act:
 *
 * - `GRAPH_`, `OPTION_`, `SCHEMA_`: the program is wrong; thrown while building or planning.
 * - `RECORD_`, `USER_FUNCTION`: a record or the user's code on a record; `onError` decides.
 *   `RECORD_REFUSED`: output that the outside world will never take. Retryable, it asks for a rollback, after which the job knows
 *   what to leave out.
 * - `IO_`: the outside world; may pass (`retryable`).
 * - `STATE_`: state that cannot be encoded, decoded or restored.
 * - `CHECKPOINT_`: checkpoints that cannot be read, or that belong to another job or process.
 * - `GUARD_REFUSED`: `guards: 'error'` has found an anti-pattern.
 * - `INVARIANT`: a defect of Millrace itself; the job stops with a report.
 */
export type ErrorCode =
  | 'GRAPH_NO_SINK'
  | 'GRAPH_NO_SOURCE'
  | 'GRAPH_UNCONNECTED'
  | 'GRAPH_DUPLICATE_NAME'
  | 'GRAPH_NO_TIMESTAMPS'
  | 'GRAPH_CYCLE'
  | 'GRAPH_INVALID'
  | 'OPTION_INVALID'
  | 'OPTION_UNSUPPORTED'
  | 'DEPENDENCY_MISSING'
  | 'SCHEMA_INVALID'
  | 'RECORD_MALFORMED'
  | 'RECORD_NO_TIMESTAMP'
  | 'RECORD_KEY'
  | 'RECORD_TOO_LARGE'
  | 'RECORD_REFUSED'
  | 'USER_FUNCTION'
  | 'IO_FAILED'
  | 'IO_NOT_FOUND'
  | 'IO_NOT_EMPTY'
  | 'STATE_UNENCODABLE'
  | 'STATE_CORRUPT'
  | 'STATE_MISMATCH'
  | 'STATE_TOO_LARGE'
  | 'CHECKPOINT_CORRUPT'
  | 'CHECKPOINT_FENCED'
  | 'CHECKPOINT_FOREIGN'
  | 'CHECKPOINT_MISSING'
  | 'CHECKPOINT_OWNED'
  | 'CHECKPOINT_TRUNCATED'
  | 'CHECKPOINT_VERSION'
  | 'GUARANTEE_UNMET'
  | 'GUARD_REFUSED'
  | 'JOB_STATE'
  | 'INVARIANT';
