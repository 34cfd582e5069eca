import type { FileSystem } from '../../model/index.ts';

/** Writes a file whose content survives a loss of power; its name does so after a `syncFolder`. */
export async function writeDurably(files: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.create(path);
  try {
    await file.append(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Replaces a file as a whole, so that a reader sees either the old or the new one. Not made durable. */
export async function replaceFile(
  files: FileSystem,
  path: string,
  unfinished: string,
  bytes: Uint8Array,
): Promise<void> {
  try {
    const file = await files.create(unfinished);
    try {
      await file.append(bytes);
    } finally {
      await file.close();
    }
    await files.rename(unfinished, path);
  } catch (error) {
    await files.remove(unfinished).catch(() => undefined);
    throw error;
  }
}

/** Tries of something that is only nice to have done. */
const TIDY_TRIES = 3;

/** Removes what nobody needs any more. Should the disk not let it, it stays: that does no harm. */
export async function tidy(remove: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await remove();
    } catch {
      if (tries === TIDY_TRIES) return;
    }
  }
}
