import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const REPOSITORY = resolve(import.meta.dirname, '../../../..');

/** File of a small repository -> what oxlint must find in it; an empty list: nothing. */
const CASES: Record<string, { code: string; rules: string[] }> = {
  'packages/core/src/time/date.ts': { code: 'export const now = () => Date.now();', rules: ['no-restricted-globals'] },
  'packages/core/src/time/new-date.ts': { code: 'export const d = new Date();', rules: ['no-restricted-globals'] },
  'packages/core/src/time/timer.ts': {
    code: 'export const f = (g: () => void) => setTimeout(g, 1);',
    rules: ['no-restricted-globals'],
  },
  'packages/core/src/time/through-global-this.ts': {
    code: 'export const f = () => globalThis.performance.now();',
    rules: ['no-restricted-properties'],
  },
  'packages/core/src/runtime/random.ts': {
    code: 'export const r = () => Math.random();',
    rules: ['no-restricted-properties'],
  },
  'packages/core/src/runtime/process.ts': {
    code: 'export const p = () => process.pid;',
    rules: ['no-restricted-globals'],
  },
  'packages/core/src/platform/web/clock.ts': { code: 'export const now = () => Date.now();', rules: [] },
  'packages/core/src/platform/web/process.ts': {
    code: 'export const p = () => process.pid;',
    rules: ['no-restricted-globals'],
  },
  'packages/core/src/platform/node/clock.ts': { code: 'export const now = () => Date.now() + process.pid;', rules: [] },
  'packages/core/test/time/clock.ts': { code: 'export const now = () => Date.now() * Math.random();', rules: [] },
  'packages/core/src/model/any.ts': { code: 'export type A = any;', rules: ['no-explicit-any'] },
  'packages/core/src/model/floating.ts': {
    code: 'declare function f(): Promise<void>;\nexport function g() {\n  f();\n}',
    rules: ['no-floating-promises'],
  },
  'packages/core/src/model/misused.ts': {
    code: 'export const f = (g: (h: () => void) => void) => g(async () => {});',
    rules: ['no-misused-promises'],
  },
  'packages/core/src/model/unused.ts': { code: 'const unused = 1;\nexport {};', rules: ['no-unused-vars'] },
  'packages/core/src/model/import-type.ts': {
    code: "import { A } from './one.ts';\nexport type B = A;",
    rules: ['consistent-type-imports'],
  },
  'packages/core/src/model/one.ts': {
    code: "import type { B } from './two.ts';\nexport type A = B | 1;",
    rules: ['no-cycle'],
  },
  'packages/core/src/model/two.ts': {
    code: "import type { A } from './one.ts';\nexport type B = A[];",
    rules: ['no-cycle'],
  },
  'packages/core/src/model/long-file.ts': { code: `export {};\n${'//\n'.repeat(500)}`, rules: ['max-lines'] },
  'packages/core/src/model/long-function.ts': {
    code: `export function f() {\n${'  void 0;\n'.repeat(70)}}`,
    rules: ['max-lines-per-function'],
  },
};

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

describe('oxlint with the configuration of the repository', () => {
  const found = new Map<string, string[]>();
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'millrace-lint-'));
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json'])
      copyFileSync(join(REPOSITORY, file), join(root, file));
    symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'), 'junction');
    for (const [path, { code }] of Object.entries(CASES)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${code}\n`);
    }
    for (const { code, filename } of lint(root)) {
      const rule = code.replace(/^.*\((.*)\)$/, '$1');
      found.set(filename, [...new Set(found.get(filename)).add(rule)]);
    }
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each(Object.entries(CASES))('%s', (path, { rules }) => {
    expect(found.get(path) ?? []).toEqual(rules);
  });
});

function lint(root: string): Diagnostic[] {
  const oxlint = join(REPOSITORY, 'node_modules/oxlint/bin/oxlint');
  try {
    execFileSync(process.execPath, [oxlint, '--format=json', '--deny-warnings', 'packages'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout } = error as { stdout: string }; // violations make it exit with 1
    return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
  }
  throw new Error('oxlint found nothing at all');
}
