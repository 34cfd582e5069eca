/** The commands that the documents show in fences ```sh: those of the example job run, npm scripts exist. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { document, documents, ROOT } from './support/documents.ts';
import { node } from './support/run.ts';

const TIMEOUT_MS = 120_000;

/** Arguments may be in quotes; nothing else of a shell is used in the documents. */
const wordsOf = (command: string) =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');

const commands = documents().flatMap(({ name, fences }) =>
  fences
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((command) => ({ name, command })),
);

/** Those on Kafka need a broker: packages/kafka/test/broker/docs.test.ts runs them. */
const isStart = ({ command }: { command: string }) =>
  /^npm start\b/.test(command) && !command.includes('--output') && !command.includes('--kafka');

/** Runs the example job as `npm start` does, with its results in a folder of the test. */
async function start(args: readonly string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-command-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const output = path.join(folder, 'revenue');
  const script = ['--conditions=millrace-source', 'scripts/start.mjs'];
  const ended = await node([...script, '--output', output, ...args], ROOT);
  return { code: ended.code, said: `${ended.stdout}${ended.stderr}`.replaceAll(output, 'out/revenue') };
}

test.each(commands.filter(isStart))(
  '$name: `$command` runs',
  async ({ command }) => {
    const args = wordsOf(command).slice(2);
    const ended = await start(args[0] === '--' ? args.slice(1) : args);
    expect(ended.code, ended.said).toBe(0);
  },
  TIMEOUT_MS,
);

test('every other command is an npm script of the repository, or one that needs no test', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const known = ({ command }: { command: string }) => {
    const [, verb] = /^npm (?:run )?([\w:]+)/.exec(command) ?? [];
    return /^(git clone|cd|npm install) /.test(`${command} `) || (verb !== undefined && verb in scripts);
  };
  expect(commands.filter((one) => !isStart(one) && !known(one))).toEqual([]);
});

test(
  'README.md shows what `npm start` prints',
  async () => {
    const shown = document('README.md').fences.find(
      ({ language, text }) => language === 'text' && /^reading/.test(text),
    );
    const { said } = await start([]);
    const lines = new Set(said.split('\n').map(withoutSpeed));
    const missing = (shown?.text ?? 'nothing')
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '...' && !lines.has(withoutSpeed(line)));
    expect(missing, said).toEqual([]);
  },
  TIMEOUT_MS,
);

/** Time, rate and memory differ from run to run. */
function withoutSpeed(line: string): string {
  return line.replace(
    / in [\d.,]+ s \([\d,]+ orders\/s\), peak memory \d+ MB/,
    ' in T s (N orders/s), peak memory M MB',
  );
}
