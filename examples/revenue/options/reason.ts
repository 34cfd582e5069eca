import { getSystemErrorMap } from 'node:util';

/** What went wrong with a file, in words: `no such file or directory`, not `ENOENT: ..., open '/x'`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  return getSystemErrorMap().get(errno)?.[1] ?? error.message;
}
