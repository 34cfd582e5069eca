/**
 * Every fence ```ts of the documents is a whole program: it compiles, and it runs to its end with exit code 0, in an empty
 * folder but for data/. There lie the files that the document shows before the program (a fence behind a line that ends
 * with "`path`:"), or else the bundled orders; files that it shows behind the program must be what the program wrote.
 * What is no program has another fence (`text`, `json`, `sh`).
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { documents, programsOf, ROOT } from './support/documents.ts';
import { node } from './support/run.ts';

/** Inside of the workspace, so that `millrace` is found as a program outside would find it. */
const SNIPPETS = path.join(ROOT, 'packages/e2e/.snippets', String(process.pid));

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

const TIMEOUT_MS = 120_000;

const programs = documents().flatMap(programsOf);

describe('the TypeScript of the documents', () => {
  beforeAll(() => {
    // The packages that the repository does not install are found beside the programs.
    mkdirSync(path.join(SNIPPETS, 'node_modules/@millrace'), { recursive: true });
    symlinkSync(path.join(ROOT, 'packages/kafka'), path.join(SNIPPETS, 'node_modules/@millrace/kafka'));
    for (const { file, code } of programs) writeFileSync(path.join(SNIPPETS, file), code);
  });

  afterAll(() => rmSync(SNIPPETS, { recursive: true, force: true }));

  test('README.md holds a program', () => {
    expect(programs.map(({ at }) => at.replace(/:\d+$/, ''))).toContain('README.md');
  });

  test(
    'all programs compile by the strict rules of the repository',
    async () => {
      const files = programs.map(({ file }) => file);
      const config = path.join(SNIPPETS, 'tsconfig.json');
      writeFileSync(config, JSON.stringify({ extends: '../../../../tsconfig.json', files, include: [] }));
      const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
      expect(await node([tsc, '-p', config], ROOT)).toEqual({ code: 0, stdout: '', stderr: '' });
    },
    TIMEOUT_MS,
  );

  // packages/kafka/test/broker/docs.test.ts runs the others, on a broker.
  test.each(programs.filter(({ code }) => !code.includes('@millrace/kafka')))(
    'the program at $at runs, and writes what the document shows',
    async ({ file, inputs, outputs }) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'millrace-snippet-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      cpSync(path.join(ROOT, 'examples/data'), path.join(folder, 'data'), { recursive: true });
      for (const { file: name, text } of inputs) writeFileSync(path.join(folder, name ?? ''), text);

      const ended = await node(['--conditions=millrace-source', '--import', TSX, path.join(SNIPPETS, file)], folder);
      expect(ended.code, ended.stderr).toBe(0);
      for (const { file: name = '', text } of outputs) {
        expect(readFileSync(path.join(folder, name), 'utf8'), name).toBe(text);
      }
    },
    TIMEOUT_MS,
  );
});
