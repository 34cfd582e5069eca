/** The user asked for something that cannot be done: one line on stderr, exit code 2, nothing was changed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
