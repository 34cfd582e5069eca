import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../../errors/index.ts';
import { ioError } from '../files/file-error.ts';

const GLOB = /[*?[\]{}]/;
/** What a folder is read for. */
const NDJSON_NAME = /^[^.].*\.(ndjson|jsonl|json)(\.gz)?$/;

/**
 * The files that a path stands for, in name order: itself; the NDJSON files in a folder (not deeper); what a glob
 * matches (`*`, `?`, `[a-z]`, `{a,b}`, and `**` for any depth).
 *
 * @throws MillraceError `IO_NOT_FOUND` if there is none
 */
export async function findFiles(pattern: string): Promise<readonly string[]> {
  const found = await stat(pattern).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : Promise.reject(ioError(pattern, error)),
  );
  let files: string[];
  if (found?.isDirectory() === true) {
    const names = (await list(pattern)).filter((name) => NDJSON_NAME.test(name));
    files = await onlyFiles(names.map((name) => path.join(pattern, name)));
  } else if (found !== undefined) files = [pattern];
  else files = GLOB.test(pattern) ? await expand(pattern) : [];
  if (files.length > 0) return files.sort(byName);
  const what = found === undefined && !GLOB.test(pattern) ? 'does not exist' : 'holds no file to read';
  throw new MillraceError('IO_NOT_FOUND', {
    message: `${pattern} ${what}. Check the path.`,
    fields: { path: pattern },
  });
}

/** By code units, so that the order is the same in every locale. */
function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function list(folder: string): Promise<readonly string[]> {
  return readdir(folder === '' ? '.' : folder).catch(() => []);
}

/** A folder may have any name, also `old.ndjson`. */
async function onlyFiles(paths: readonly string[]): Promise<string[]> {
  const kinds = await Promise.all(
    paths.map((file) =>
      stat(file)
        .then((s) => s.isFile())
        .catch(() => false),
    ),
  );
  return paths.filter((_, i) => kinds[i]);
}

async function expand(pattern: string): Promise<string[]> {
  const segments = pattern.split('/');
  let bases = segments[0] === '' ? ['/'] : [''];
  for (const segment of segments[0] === '' ? segments.slice(1) : segments) {
    bases = (await Promise.all(bases.map((base) => descend(base, segment)))).flat();
  }
  return onlyFiles(bases);
}

/** What one segment of a pattern leads to from `base`. */
async function descend(base: string, segment: string): Promise<string[]> {
  if (segment === '**') return [base, ...(await foldersBelow(base))];
  if (!GLOB.test(segment)) return [path.join(base, segment)];
  const matcher = segmentMatcher(segment);
  const hidden = segment.startsWith('.');
  return (await list(base))
    .filter((name) => (hidden || !name.startsWith('.')) && matcher.test(name))
    .map((name) => path.join(base, name));
}

async function foldersBelow(base: string): Promise<string[]> {
  const folders: string[] = [];
  for (const name of await list(base)) {
    const child = path.join(base, name);
    if (
      name.startsWith('.') ||
      !(await stat(child)
        .then((s) => s.isDirectory())
        .catch(() => false))
    )
      continue;
    folders.push(child, ...(await foldersBelow(child)));
  }
  return folders;
}

function segmentMatcher(segment: string): RegExp {
  let source = '';
  let depth = 0;
  for (let i = 0; i < segment.length; i++) {
    const character = segment.charAt(i);
    const close = character === '[' ? segment.indexOf(']', i + 2) : -1;
    if (close > 0) {
      const set = segment
        .slice(i + 1, close)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\');
      source += `[${set}]`;
      i = close;
    } else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '{') source += (depth++, '(?:');
    else if (character === '}' && depth > 0) source += (depth--, ')');
    else if (character === ',' && depth > 0) source += '|';
    else source += character.replace(/[\\^$.|?*+()[\]{}]/, '\\$&');
  }
  return new RegExp(`^${source}$`, 'su');
}
