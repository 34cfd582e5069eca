/** What the documents point to exists. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOMS } from '../../../../scripts/house.mjs';
import { document, documents, ROOT } from './support/documents.ts';

describe.each(documents().map(({ name, text }) => ({ name, text })))('$name', ({ name, text }) => {
  test('links to files that exist', () => {
    const prose = text.replaceAll(/^```.*?^```$/gms, '');
    const targets = [...prose.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)].map(([, target = '']) => target);
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(path.join(ROOT, path.dirname(name), target)))).toEqual([]);
  });

  test('marks its TypeScript as ts and nothing else', () => {
    expect(text.match(/^```(typescript|tsx|ts[^\n]+|js|javascript)$/gm) ?? []).toEqual([]);
  });

  test('names no folder of one machine', () => {
    expect(text.match(/(?:^|[\s(`'"])(?:\/(?:home|work|tmp|Users|root)\/\S*|\.\.\/shared\S*)/gm) ?? []).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  const rows = document('docs/architecture.md')
    .text.split('\n')
    .filter((line) => /^\| `[a-z]+`/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));

  test('has the import table that the linter enforces', () => {
    const table = Object.fromEntries(rows.map(([, room = '', may = '']) => [room, may]));
    const enforced = Object.entries(ROOMS).map(([room, may]) => {
      const allowed = may.length === 0 ? 'nothing more' : may[0] === '*' ? 'anything' : may.join(', ');
      return [room, allowed];
    });
    expect(table).toEqual(Object.fromEntries(enforced));
  });

  test('describes every room that there is', () => {
    const core = path.join(ROOT, 'packages/core/src');
    const rooms = readdirSync(core).filter((name) => statSync(path.join(core, name)).isDirectory());
    const { text } = document('docs/architecture.md');
    expect(rooms.filter((room) => !text.includes(`**${room}**`))).toEqual([]);
  });
});

test('README.md names every function that the package exports', () => {
  const index = readFileSync(path.join(ROOT, 'packages/core/src/index.ts'), 'utf8');
  const { text } = document('README.md');
  const names = [...index.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) => list.split(','));
  const windows = names.map((name) => name.trim()).filter((name) => /^(count|sum|avg|min|max|decimal\w+)$/.test(name));
  expect(windows.filter((name) => !text.includes(`\`${name}\``) && !text.includes(`${name}(`))).toEqual([]);
});
