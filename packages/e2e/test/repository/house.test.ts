import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importsOf, inspect } from '../../../../scripts/house.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-house-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes files below packages/core/src and tells what the house finds. */
function findings(files: Record<string, string>): string[] {
  for (const [name, text] of Object.entries(files)) put(`packages/core/src/${name}`, text);
  return inspect(root);
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('the table of rooms', () => {
  test('a house without violations is found clean', () => {
    expect(
      findings({
        'errors/oops.ts': 'export class Oops extends Error {}\n',
        'internal/heap.ts': "import { Oops } from '../errors/oops.ts';\nexport const heap = Oops;\n",
        'model/clock.ts': "import { heap } from '../internal/heap.ts';\nexport type Clock = typeof heap;\n",
        'time/timer.ts': "import type { Clock } from '../model/clock.ts';\nexport type Timer = Clock;\n",
        'runtime/loop.ts': "import type { Timer } from '../time/timer.ts';\nexport type Loop = Timer;\n",
        'platform/node/disk.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
        'testing/kit.ts': "import { read } from '../platform/node/disk.ts';\nexport const kit = read;\n",
        'testing.ts': "export { kit } from './testing/kit.ts';\n",
        'index.ts': "export type { Loop } from './runtime/loop.ts';\n",
      }),
    ).toEqual([]);
  });

  test.each([
    ['errors/a.ts', '../internal/b.ts', 'errors may import nothing'],
    ['internal/a.ts', '../model/b.ts', 'internal may import errors'],
    ['model/a.ts', '../schema/b.ts', 'model may import errors, internal'],
    ['windows/a.ts', '../triggers/b.ts', 'windows may import errors, internal, model, schema'],
    ['operators/a.ts', '../graph/b.ts', 'operators may import'],
    ['api/a.ts', '../runtime/b.ts', 'api may import'],
    ['graph/a.ts', '../testing/b.ts', 'nothing but testing.ts imports testing'],
    ['index.ts', './testing/b.ts', 'nothing but testing.ts imports testing'],
    ['api/a.ts', '../job.ts', 'a room does not import an entry'],
    ['runtime/a.ts', '../graph/b.ts', 'runtime may import only types from graph'],
    ['state/a.ts', '../../../kafka/b.ts', 'is outside of packages/core/src'],
    ['state/a.ts', 'lodash', 'core has no dependencies'],
    ['state/a.ts', 'millrace', 'imports its own files by relative paths'],
    ['state/a.ts', 'node:fs', 'Node is imported by platform/node/ only'],
    ['platform/web/a.ts', 'node:fs', 'Node is imported by platform/node/ only'],
    ['platform/node/a.ts', 'fs', 'as "node:..."'],
  ])('%s may not import %s', (path, from, words) => {
    expect(findings({ [path]: `import { b } from '${from}';\nexport const a = b;\n` })).toEqual([
      expect.stringContaining(words),
    ]);
  });

  test('the runtime may import types of the graph', () => {
    expect(
      findings({ 'runtime/a.ts': "import type { Node } from '../graph/node.ts';\nexport type A = Node;\n" }),
    ).toEqual([]);
  });

  test('a folder that is no room and a file outside of all rooms are found', () => {
    expect(findings({ 'utils/a.ts': 'export {};\n', 'helper.ts': 'export {};\n' })).toEqual([
      expect.stringContaining('helper.ts: only job.ts'),
      expect.stringContaining('there is no room "utils"'),
    ]);
  });
});

describe('how imports are read', () => {
  test.each([
    ["import { a } from './x.ts';", './x.ts', false],
    ["import {\n  a,\n  // why\n  type B,\n} from './x.ts';", './x.ts', false],
    ["import type { A } from './x.ts';", './x.ts', true],
    ["export type { A } from './x.ts';", './x.ts', true],
    ["export * from './x.ts';", './x.ts', false],
    ["export * as all from './x.ts';", './x.ts', false],
    ["import './x.ts';", './x.ts', false],
    ["const x = await import('./x.ts');", './x.ts', false],
    ["export type X = import('./x.ts').X;", './x.ts', false],
    ['const x = await import(name);', '(computed)', false],
    ["import type from './x.ts';", './x.ts', false],
  ])('%s', (code, from, typeOnly) => {
    expect(importsOf(`${code}\nexport const y = 1;\n`)).toEqual([{ from, typeOnly }]);
  });

  test.each([
    ["/**\n * import { a } from 'example';\n */\nexport const a = 1;"],
    ["// import { a } from 'example';"],
    ["export const from = 'example';"],
    ["export interface Edge {\n  from: 'example';\n}"],
    ["export function read(from: string) {\n  return from + 'example';\n}"],
  ])('no import: %s', (code) => {
    expect(importsOf(`${code}\n`)).toEqual([]);
  });
});

describe('circles, sizes and manifests', () => {
  test('a circle is found, of types too, and told once', () => {
    const found = findings({
      'time/a.ts': "import { b } from './b.ts';\nexport const a = b;\n",
      'time/b.ts': "import { c } from './c.ts';\nexport const b = c;\n",
      'time/c.ts': "import type { a } from './a.ts';\nexport const c: typeof a = 1;\n",
    });
    expect(found).toEqual([expect.stringContaining('time/a.ts -> time/b.ts -> time/c.ts -> time/a.ts')]);
  });

  test('a file over 500 lines and a line over 140 columns are found', () => {
    for (let i = 0; i < 20; i++) put(`packages/core/src/time/small-${i}.ts`, 'export {};\n');
    expect(findings({ 'time/long.ts': 'export {};\n'.repeat(501), 'time/wide.ts': `// ${'x'.repeat(140)}\n` })).toEqual(
      [expect.stringContaining('time/long.ts: 501 lines'), expect.stringContaining('time/wide.ts:1: 143 columns')],
    );
  });

  test('many files that are each within the cap are found by median and 9 of 10', () => {
    const text = 'export {};\n'.repeat(301);
    expect(findings({ 'time/a.ts': text, 'time/b.ts': text })).toEqual([
      expect.stringContaining('9 of 10 source files must have <= 300 lines, not 301'),
      expect.stringContaining('half of the source files must have <= 100 lines, not 301'),
    ]);
  });

  test('a dependency of core and a registry in the lock file are found', () => {
    put('packages/core/package.json', JSON.stringify({ dependencies: { left: '1' } }));
    put(
      'package-lock.json',
      JSON.stringify({ packages: { 'node_modules/left': { resolved: 'https://example.org/left.tgz' } } }),
    );
    expect(inspect(root)).toEqual([
      expect.stringContaining('core has no dependencies, not left'),
      expect.stringContaining('"node_modules/left" names a registry'),
    ]);
  });
});
