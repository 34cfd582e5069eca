import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The part files of a result folder, one after the other in name order. */
export function concatenated(folder: string): Buffer {
  if (!existsSync(folder)) return Buffer.alloc(0);
  const names = readdirSync(folder).sort();
  for (const name of names) {
    if (!/^part-.*\.ndjson$/.test(name)) throw new Error(`${folder} holds ${name}, which is no part file`);
  }
  return Buffer.concat(names.map((name) => readFileSync(path.join(folder, name))));
}

/** The bytes of all three result folders: what must not depend on when and how fast a job ran. */
export function allOutput(dir: string): Record<'revenue' | 'late' | 'dead-letter', string> {
  const text = (name: string) => concatenated(path.join(dir, name)).toString('latin1');
  return { revenue: text('revenue'), late: text('late'), 'dead-letter': text('dead-letter') };
}

/** Lines of a result folder; every one must end with `\n`. */
export function outputLines(folder: string): string[] {
  const bytes = concatenated(folder);
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  if (text !== '' && !text.endsWith('\n')) throw new Error(`the last line in ${folder} is not complete`);
  return text === '' ? [] : text.slice(0, -1).split('\n');
}
