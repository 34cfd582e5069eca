import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const MAGIC = /[*?[{]/;

/** The files that a glob matches: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any depth. */
export function expandGlob(pattern: string): readonly string[] {
  const segments = pattern.split('/');
  const first = segments.findIndex((segment) => MAGIC.test(segment));
  const base = segments.slice(0, first).join('/') + (first === 0 ? '' : '/');
  const rest = segments.slice(first);
  const matcher = globMatcher(rest.join('/'));
  return filesBelow(base, rest.length > 1)
    .filter((file) => matcher.test(file))
    .map((file) => base + file)
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** Whether a path is written as a glob. */
export function isGlob(pattern: string): boolean {
  return MAGIC.test(pattern);
}

function filesBelow(base: string, recursive: boolean): readonly string[] {
  try {
    return readdirSync(base === '' ? '.' : base, { recursive, encoding: 'utf8' }).map((file) =>
      file.split(path.sep).join('/'),
    );
  } catch {
    return [];
  }
}

function globMatcher(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]+\]|\{[^}]*\}|[\\^$.|+()[\]{}]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1 && part.startsWith('[')) return part.replace(/^\[!/, '[^');
    if (part.length > 1 && part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').join('|')})`;
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's');
}
