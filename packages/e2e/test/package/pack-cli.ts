/**
 * @millrace/cli as npm would publish it: built, packed, unpacked beside millrace and its dependencies in an empty folder, run by plain
 * Node. Part of pack.test.ts: it builds into the same folders.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../docs/support/documents.ts';
import { node, run, type Ended } from '../docs/support/run.ts';

const TIMEOUT_MS = 120_000;
const CLI = path.join(ROOT, 'packages/cli');
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-cli-package-'));

function ok(ended: Ended): Ended {
  expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0);
  return ended;
}

async function unpack(name: string, source: string): Promise<void> {
  const target = path.join(folder, 'node_modules', name);
  const packed = mkdtempSync(path.join(folder, 'packed-'));
  mkdirSync(target, { recursive: true });
  ok(await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', packed], source));
  const [tarball = ''] = readdirSync(packed);
  ok(await run('tar', ['-xzf', path.join(packed, tarball), '-C', target, '--strip-components', '1'], folder));
}

/** A package and all it depends on, as they are installed in the repository. */
function copyInstalled(name: string, from: string): void {
  const places = createRequire(path.join(from, 'package.json')).resolve.paths(name) ?? [];
  const found = places.map((place) => path.join(place, name)).find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${name} is not installed`);
  cpSync(found, path.join(folder, 'node_modules', name), { recursive: true });
  const { dependencies = {} } = JSON.parse(readFileSync(path.join(found, 'package.json'), 'utf8')) as {
    readonly dependencies?: Record<string, string>;
  };
  for (const one of Object.keys(dependencies)) copyInstalled(one, found);
}

export function packedCli(): void {
  describe('the packed package of the command line', () => {
    beforeAll(async () => {
      await unpack('millrace', path.join(ROOT, 'packages/core'));
      await unpack('@millrace/cli', CLI);
      const manifest = JSON.parse(readFileSync(path.join(CLI, 'package.json'), 'utf8')) as {
        readonly dependencies: object;
      };
      for (const name of Object.keys(manifest.dependencies)) copyInstalled(name, CLI);
    }, TIMEOUT_MS);

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test(
      'gives back letters of files, and says what it lacks for Kafka',
      async () => {
        mkdirSync(path.join(folder, 'dead'));
        writeFileSync(path.join(folder, 'dead/a.ndjson'), '{"code":"USER_FUNCTION","message":"m","raw":"{}"}\n');
        const main = path.join(folder, 'node_modules/@millrace/cli/dist/main.js');
        const ended = ok(await node([main, 'dlq', 'retry', '--from', 'dead', '--to', 'again'], folder));
        expect(ended.stdout).toBe('1 letter given back\n');
        expect(readdirSync(path.join(folder, 'again'))).toHaveLength(1);
        const kafka = await node([main, 'dlq', 'ls', '--bootstrap', 'localhost:9'], folder);
        expect([kafka.code, kafka.stderr]).toEqual([1, expect.stringMatching(/npm install @millrace\/kafka/)]);
      },
      TIMEOUT_MS,
    );
  });
}
