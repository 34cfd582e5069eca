import { messageOf, MillraceError } from '../../errors/index.ts';

/** The system's code of an error: `ENOENT`, `EEXIST`, ...; `undefined` if it is none of the system's. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const CURES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room.',
  EDQUOT: 'the quota of the disk is used up. Make room.',
  EACCES: 'this process may not. Change the permissions, or take another place.',
  EPERM: 'this process may not. Change the permissions, or take another place.',
  EROFS: 'the file system is read-only. Take another place.',
};

/** An error of the file system, with the path and the cure. */
export function ioError(path: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const code = codeOf(cause);
  const missing = code === 'ENOENT';
  const cure = code === undefined ? undefined : CURES[code];
  return new MillraceError(missing ? 'IO_NOT_FOUND' : 'IO_FAILED', {
    message: missing
      ? `${path} does not exist. Check the path.`
      : `${path} cannot be used: ${cure === undefined ? messageOf(cause) : `${cure} (${messageOf(cause)})`}`,
    fields: { path, ...(code === undefined ? {} : { code }) },
    // A file that cannot be unpacked will not be better the next time.
    retryable: !missing && code?.startsWith('Z_') !== true,
    cause,
  });
}
