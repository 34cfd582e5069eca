import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a JSON file as a whole or not at all: another name, to the disk, then renamed. */
export function writeJsonFile(file: string, value: unknown): void {
  const unfinished = `${file}.tmp`;
  const handle = openSync(unfinished, 'w');
  try {
    writeFileSync(handle, `${JSON.stringify(value)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(unfinished, file);
}
