/**
 * The package as npm would publish it: built, packed, installed from its tarball in an empty folder without network, used
 * by the program of README.md with plain Node and plain TypeScript.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { document, programsOf, ROOT, type Program } from '../docs/support/documents.ts';
import { node, run, type Ended } from '../docs/support/run.ts';
import { packedCli } from './pack-cli.ts';
import { packedKafka } from './pack-kafka.ts';

const TIMEOUT_MS = 120_000;
const CORE = path.join(ROOT, 'packages/core');
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** A bound on what somebody who installs the package downloads; the size now is printed. */
const TARBALL_BYTES_MAX = 1_000_000;

/** Where the package is installed, and the tarball. */
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-package-'));
const consumer = path.join(folder, 'consumer');
let tarball = '';

const [program] = programsOf(document('README.md')) as [Program];

function ok(ended: Ended): Ended {
  expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0);
  return ended;
}

const filesBelow = (name: string) =>
  readdirSync(name, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** Whether `npm run build` was run since anything that goes into the packages was changed. */
function isBuilt(): boolean {
  const changed = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const packages = [
    { of: CORE, entries: ['index', 'node', 'testing'], copied: ['README.md', 'LICENSE'] },
    { of: path.join(ROOT, 'packages/kafka'), entries: ['index', 'testing'], copied: ['LICENSE'] },
    { of: path.join(ROOT, 'packages/cli'), entries: ['index', 'main'], copied: ['LICENSE'] },
  ];
  const texts = ['README.md', 'LICENSE', 'tsconfig.json'].map((name) => path.join(ROOT, name));
  return packages.every(({ of, entries, copied }) => {
    const made = [...entries.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]), ...copied];
    const settings = ['package.json', 'tsup.config.ts', 'tsconfig.build.json'].map((name) => path.join(of, name));
    const sources = [...filesBelow(path.join(of, 'src')), ...settings, ...texts];
    return Math.min(...made.map((name) => changed(path.join(of, name)))) > Math.max(...sources.map(changed));
  });
}

beforeAll(async () => {
  if (!isBuilt()) ok(await node(['scripts/build.mjs'], ROOT));
  ok(await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], CORE));
  tarball = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'no tarball');
  mkdirSync(path.join(consumer, 'data'), { recursive: true });
  writeFileSync(path.join(consumer, 'package.json'), '{ "private": true, "type": "module" }\n');
  ok(await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], consumer));
}, TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('is small, brings nothing else with it, and holds no sources or tests', () => {
    const { size } = statSync(tarball);
    console.info(`tarball: ${size} bytes`);
    expect(size).toBeLessThan(TARBALL_BYTES_MAX);
    const installed = path.join(consumer, 'node_modules');
    expect(readdirSync(installed).filter((name) => !name.startsWith('.'))).toEqual(['millrace']);
    expect(readdirSync(path.join(installed, 'millrace')).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
    ]);
    const manifest = JSON.parse(readFileSync(path.join(installed, 'millrace/package.json'), 'utf8')) as object;
    const kinds = ['dependencies', 'optionalDependencies', 'bundleDependencies'];
    expect(kinds.filter((kind) => kind in manifest)).toEqual([]);
    // A peer that may be left out, for those who use it anyway.
    expect(manifest).toMatchObject({ peerDependencies: {}, peerDependenciesMeta: { immer: { optional: true } } });
    expect(Object.keys((manifest as { peerDependencies: object }).peerDependencies)).toEqual(['immer']);
  });

  test(
    "runs README's program with plain Node, and writes what README shows",
    async () => {
      const { module, target } = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
      const code = ts.transpileModule(program.code, { compilerOptions: { module, target } }).outputText;
      writeFileSync(path.join(consumer, 'program.mjs'), code);
      for (const { file = '', text } of program.inputs) writeFileSync(path.join(consumer, file), text);
      ok(await node(['program.mjs'], consumer));
      expect(program.outputs.length).toBeGreaterThan(0);
      for (const { file = '', text } of program.outputs) {
        expect(readFileSync(path.join(consumer, file), 'utf8'), file).toBe(text);
      }
    },
    TIMEOUT_MS,
  );

  test.each([
    ['node16', 'node16'],
    ['bundler', 'esnext'],
  ])(
    "type-checks README's program under moduleResolution %s, its own declarations included",
    async (moduleResolution, module) => {
      const name = `tsconfig.${moduleResolution}.json`;
      const options = { target: 'es2022', lib: ['es2022'], types: [], strict: true, noEmit: true, skipLibCheck: false };
      const compilerOptions = { ...options, exactOptionalPropertyTypes: true, module, moduleResolution };
      const files = ['program.ts', 'entries.ts'];
      writeFileSync(path.join(consumer, 'program.ts'), program.code);
      writeFileSync(
        path.join(consumer, 'entries.ts'),
        ['millrace', 'millrace/node', 'millrace/testing']
          .map((entry, i) => `import * as e${i} from '${entry}';\nexport { e${i} };\n`)
          .join(''),
      );
      writeFileSync(path.join(consumer, name), JSON.stringify({ compilerOptions, files }));
      expect(await node([TSC, '-p', name], consumer)).toEqual({ code: 0, stdout: '', stderr: '' });
    },
    TIMEOUT_MS,
  );

  test('refuses a program whose rows do not fit the schema of its sink', async () => {
    const wrong = program.code.replace('category: key', 'category: 1');
    expect(wrong).not.toBe(program.code);
    writeFileSync(path.join(consumer, 'wrong.ts'), wrong);
    const options = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022', '--module', 'node16'];
    const { code, stdout } = await node([TSC, ...options, '--ignoreConfig', 'wrong.ts'], consumer);
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/'number' is not assignable to type 'string'/);
  });

  test('has three entries and no way to its inside', async () => {
    const script = `
      const entries = ['millrace', 'millrace/node', 'millrace/testing', 'millrace/package.json', 'millrace/dist/index.js'];
      const options = (entry) => (entry.endsWith('.json') ? { with: { type: 'json' } } : {});
      const said = await Promise.all(entries.map((entry) =>
        import(entry, options(entry)).then(() => 'loads', (error) => error.code)));
      const { MillraceError } = await import('millrace');
      const { ndjson } = await import('millrace/node');
      let same = false;
      try { ndjson(''); } catch (error) { same = error instanceof MillraceError; }
      console.log(JSON.stringify([...said, same]));`;
    writeFileSync(path.join(consumer, 'entries.mjs'), script);
    const { stdout } = ok(await node(['--no-warnings', 'entries.mjs'], consumer));
    expect(JSON.parse(stdout)).toEqual(['loads', 'loads', 'loads', 'loads', 'ERR_PACKAGE_PATH_NOT_EXPORTED', true]);
  });
});

packedKafka();

packedCli();
