/**
 * Every fence ```ts of the documents is a whole program: it compiles, and it runs to its end with exit code 0, in an empty
 * folder but for data/orders.ndjson, the bundled orders. What is no program has another fence (`text`, `json`, `sh`).
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

const REPOSITORY = resolve(import.meta.dirname, '../../../..');

/** Inside of the workspace, so that `millrace` is found as a program outside would find it. */
const SNIPPETS = join(REPOSITORY, 'packages/e2e/.snippets');

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

interface Snippet {
  /** Where it stands: `docs/x.md:12`. */
  readonly at: string;
  readonly file: string;
  readonly code: string;
}

function documents(): string[] {
  const inFolder = (folder: string, recursive: boolean) =>
    readdirSync(join(REPOSITORY, folder), { recursive, encoding: 'utf8' }).map((name) =>
      join(REPOSITORY, folder, name),
    );
  const all = [...inFolder('.', false), ...(existsSync(join(REPOSITORY, 'docs')) ? inFolder('docs', true) : [])];
  return all.filter((path) => path.endsWith('.md') && !path.includes('node_modules')).sort();
}

function snippetsOf(path: string): Snippet[] {
  const name = relative(REPOSITORY, path);
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => {
    const line = text.slice(0, index).split('\n').length;
    return { at: `${name}:${line}`, file: `${name.replaceAll(/\W+/g, '-')}-${line}.ts`, code };
  });
}

/** Exit code and output of a Node process. */
function node(args: string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = execFile(process.execPath, args, { cwd, timeout: 50_000 }, (_, stdout, stderr) => {
      done({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

const paths = documents();
const snippets = paths.flatMap(snippetsOf);

describe.skipIf(snippets.length === 0)('the TypeScript of the documents', () => {
  beforeAll(() => {
    rmSync(SNIPPETS, { recursive: true, force: true });
    mkdirSync(SNIPPETS);
    for (const { file, code } of snippets) writeFileSync(join(SNIPPETS, file), code);
  });

  test('compiles', async () => {
    const config = join(SNIPPETS, 'tsconfig.json');
    const compilerOptions = { noUnusedLocals: false };
    const files = snippets.map(({ file }) => file);
    writeFileSync(config, JSON.stringify({ extends: '../../../tsconfig.json', compilerOptions, files, include: [] }));
    const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
    expect(await node([tsc, '-p', config], REPOSITORY)).toEqual({ code: 0, output: '' });
  });

  test.each(snippets)('$at runs', async ({ file }) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-snippet-'));
    try {
      cpSync(join(REPOSITORY, 'examples/data'), join(folder, 'data'), { recursive: true });
      const { code, output } = await node(
        ['--conditions=millrace-source', '--import', TSX, join(SNIPPETS, file)],
        folder,
      );
      expect(code, output).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test.each(paths.map((path) => relative(REPOSITORY, path)))('%s marks its TypeScript as ts and nothing else', (name) => {
  const text = readFileSync(join(REPOSITORY, name), 'utf8');
  expect(text.match(/^```(typescript|tsx|ts[^\n]+|js|javascript)$/gm) ?? []).toEqual([]);
});
