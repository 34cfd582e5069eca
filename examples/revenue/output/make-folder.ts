import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it. Not `mkdirSync(..., { recursive: true })`: below /proc, where nothing can be made
 * and the system says "no such file" for it, Node 20 tries for ever.
 */
export function makeFolder(folder: string): void {
  const absolute = path.resolve(folder);
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) return;
  if (path.dirname(absolute) !== absolute) makeFolder(path.dirname(absolute));
  mkdirSync(absolute);
}
