/** What docs/guide/kafka.md shows: its program and its commands, on a broker, as they stand there but for its address. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { bootstrap, newFolder, readWithJava, withBroker } from '../setup/fixture.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');
const TSX = pathToFileURL(createRequire(path.join(ROOT, 'package.json')).resolve('tsx')).href;
const GUIDE = readFileSync(path.join(ROOT, 'docs/guide/kafka.md'), 'utf8');

const fences = (language: string): string[] =>
  [...GUIDE.matchAll(/^```(\w+)\n([^]*?)^```/gm)].flatMap(([, name, text]) => (name === language ? [text ?? ''] : []));

function node(args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(process.execPath, ['--conditions=millrace-source', ...args], {
    cwd,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
}

withBroker('docs/guide/kafka.md', () => {
  it('its commands feed orders and compute results, and its program does the same', () => {
    const commands = fences('sh')
      .join('')
      .split('\n')
      .filter((line) => line.includes('HOST:PORT'))
      .map((line) => line.replace('HOST:PORT', bootstrap).split(' '));
    expect(commands.map(([, verb, name]) => (verb === 'run' ? name : verb))).toEqual(['orders', 'start']);
    const [orders = [], start = []] = commands;
    const state = newFolder();
    node(['--import', TSX, path.join(ROOT, 'examples/revenue/kafka/feed.ts'), ...orders.slice(4)], ROOT);
    node([path.join(ROOT, 'scripts/start.mjs'), ...start.slice(3), '--state', state], ROOT);
    const results = readWithJava('revenue.by-category').length;
    expect(results).toBeGreaterThan(100);

    const folder = path.join(ROOT, 'packages/kafka/.snippets', String(process.pid));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(path.join(folder, 'node_modules/@millrace'), { recursive: true });
    symlinkSync(path.join(ROOT, 'packages/kafka'), path.join(folder, 'node_modules/@millrace/kafka'));
    const [program = ''] = fences('ts');
    expect(program).toContain('localhost:9092');
    writeFileSync(path.join(folder, 'program.ts'), program.replace('localhost:9092', bootstrap));
    node(['--import', TSX, path.join(folder, 'program.ts')], newFolder());
    expect(readWithJava('revenue.by-category').length).toBe(2 * results);
  });
});
