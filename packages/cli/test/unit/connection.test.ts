import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { run, type Connection, type KafkaModule, type LetterBox } from '../../src/index.ts';
import { newFolder } from '../setup/letters.ts';

/** What the command line hands to @millrace/kafka. */
async function handed(...args: readonly string[]) {
  const opened: (Connection & { readonly topic?: string })[] = [];
  let closed = 0;
  const box: LetterBox = {
    async *read() {},
    find: () => Promise.resolve(undefined),
    retry: () => Promise.resolve({ done: 0, before: 0, obstacles: [] }),
    drop: () => Promise.reject(new Error('the cluster is gone')),
    close: () => Promise.resolve(void closed++),
  };
  const module: KafkaModule = {
    kafka: {
      letters: (options) => Promise.resolve((opened.push(options), box)),
      letterTopics: (options) => Promise.resolve((opened.push(options), ['dlq.a.b', 'dlq.c.d'])),
    },
  };
  const [out, said]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => void out.push(line), say: (line: string) => void said.push(line) };
  const code = await run(['dlq', ...args], { io, folder: tmpdir(), load: () => Promise.resolve(module) });
  return { code, out, said: said.join('\n'), opened, closed };
}

it('the topics of letters are listed where none is named', async () => {
  const { code, out, opened } = await handed('ls', '--bootstrap', 'a:1,b:2');
  expect([code, out, opened]).toEqual([0, ['dlq.a.b', 'dlq.c.d'], [{ bootstrap: 'a:1,b:2' }]]);
});

it('brokers, topic and size of transactions are handed on', async () => {
  const { opened, closed } = await handed('retry', '--bootstrap', 'a:1', '--from', 'dlq.a.b', '--batch', '7');
  expect([opened, closed]).toEqual([[{ bootstrap: 'a:1', topic: 'dlq.a.b', batch: 7 }], 1]);
});

it('--config is JSON, or a module that can make functions and read its environment; --bootstrap goes before it', async () => {
  const folder = newFolder();
  const [json, module] = [path.join(folder, 'cluster.json'), path.join(folder, 'cluster.mjs')];
  writeFileSync(json, '{ "bootstrap": ["a:1", "b:2"], "security": { "tls": true } }');
  writeFileSync(module, "export default { bootstrap: 'c:3', security: { sasl: { token: async () => ({}) } } };\n");
  const fromJson = await handed('show', '0-1', '--config', json, '--from', 'dlq.a.b');
  expect(fromJson.opened).toEqual([{ bootstrap: ['a:1', 'b:2'], security: { tls: true }, topic: 'dlq.a.b' }]);
  expect([fromJson.code, fromJson.said, fromJson.closed]).toEqual([1, expect.stringMatching(/no letter 0-1/), 1]);
  const fromModule = await handed('ls', '--config', module, '--bootstrap', 'd:4');
  expect(fromModule.opened).toEqual([
    { bootstrap: 'd:4', security: { sasl: { token: expect.any(Function) as unknown } } },
  ]);
});

it('a configuration that cannot be read, or is none, is an error that names it', async () => {
  const folder = newFolder();
  const broken = path.join(folder, 'broken.json');
  writeFileSync(broken, '{');
  expect(await handed('ls', '--config', broken)).toMatchObject({
    code: 1,
    said: expect.stringMatching(/broken.json cannot be read/) as string,
  });
  expect(await handed('ls', '--config', path.join(folder, 'none.mjs'))).toMatchObject({ code: 1 });
  writeFileSync(broken, '[]');
  expect(await handed('ls', '--config', broken)).toMatchObject({
    code: 2,
    said: expect.stringMatching(/is an array, but must be JSON/) as string,
  });
});

it('letters are closed, and the error told, when the cluster fails', async () => {
  const { code, said, closed } = await handed('drop', '--all', '--bootstrap', 'a:1', '--from', 'dlq.a.b');
  expect([code, closed]).toEqual([1, 1]);
  expect(said).toMatch(/^error: the cluster is gone/);
});
