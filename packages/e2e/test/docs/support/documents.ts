import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));

/** One fenced block of a document. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  readonly line: number;
  /** The file it shows: named by the line before it, "... `data/orders.ndjson`:". */
  readonly file: string | undefined;
}

export interface Document {
  /** Path from the root, such as `docs/architecture.md`. */
  readonly name: string;
  readonly text: string;
  readonly fences: readonly Fence[];
}

/** The documents of the repository: those at its top and all of docs/. */
export function documents(): Document[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const docs = path.join(ROOT, 'docs');
  const below = existsSync(docs) ? readdirSync(docs, { recursive: true, encoding: 'utf8' }) : [];
  const names = [...top, ...below.filter((name) => name.endsWith('.md')).map((name) => path.posix.join('docs', name))];
  return names.sort().map((name) => {
    const text = readFileSync(path.join(ROOT, name), 'utf8');
    return { name, text, fences: fencesOf(text) };
  });
}

export function document(name: string): Document {
  const found = documents().find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

function fencesOf(text: string): Fence[] {
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(({ 1: language = '', 2: body = '', index }) => {
    const before = text.slice(0, index);
    const file = /`([^`\n]+\.[a-z]+)`:\n\n?$/.exec(before)?.[1];
    return { language, text: body, line: before.split('\n').length, file };
  });
}

/** A fence ```ts: a whole program, with the files it is shown to read and to write. */
export interface Program {
  /** Where it stands: `README.md:60`. */
  readonly at: string;
  /** A name for a file that holds it. */
  readonly file: string;
  readonly code: string;
  /** Files in front of it, if it is the first program of its document. */
  readonly inputs: readonly Fence[];
  /** Files behind it, up to the next program. */
  readonly outputs: readonly Fence[];
}

export function programsOf({ name, fences }: Document): Program[] {
  const starts = fences.flatMap(({ language }, index) => (language === 'ts' ? [index] : []));
  return starts.map((start, i) => {
    const fence = fences[start] as Fence;
    const files = (from: number, to: number) => fences.slice(from, to).filter(({ file }) => file !== undefined);
    return {
      at: `${name}:${fence.line}`,
      file: `${name.replaceAll(/\W+/g, '-')}-${fence.line}.ts`,
      code: fence.text,
      inputs: i === 0 ? files(0, start) : [],
      outputs: files(start + 1, starts[i + 1] ?? fences.length),
    };
  });
}
