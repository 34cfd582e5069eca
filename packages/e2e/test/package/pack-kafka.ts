/**
 * @millrace/kafka as npm would publish it: built, packed, unpacked beside millrace in an empty folder, used by plain Node. Its
 * native client is not installed there: the modelled broker needs none, and without it there is one clear error.
 *
 * Part of pack.test.ts: both build into the same folders, so one must come after the other.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../docs/support/documents.ts';
import { node, run, type Ended } from '../docs/support/run.ts';

const TIMEOUT_MS = 120_000;
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-kafka-package-'));

function ok(ended: Ended): Ended {
  expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0);
  return ended;
}

const PROGRAM = `
import { dataflow, memoryCheckpoints, silentLogger } from 'millrace';
import { kafka } from '@millrace/kafka';
import { modelBroker } from '@millrace/kafka/testing';

const cluster = modelBroker();
cluster.createTopic('in');
cluster.createTopic('out');
cluster.produce('in', [{ value: 'a' }, { value: 'b' }]);
const flow = dataflow('job');
const driver = process.argv[2] === 'real' ? {} : { driver: cluster.driver };
flow.from('in', kafka.topic('in', { format: kafka.string(), until: 'end' })).to('out', kafka.sink('out', { format: kafka.string() }));
const solo = kafka.solo({ bootstrap: '127.0.0.1:9', checkpoints: memoryCheckpoints(), logger: silentLogger, ...driver });
const handle = await flow.run(solo).catch((error) => error);
if (handle instanceof Error) console.log(handle.code, handle.message);
else {
  await handle.done;
  console.log(cluster.records('out').map(({ value }) => new TextDecoder().decode(value)).join(' '));
}
`;

export function packedKafka(): void {
  describe('the packed package of Kafka', () => {
    beforeAll(async () => {
      for (const [name, source] of [
        ['millrace', 'packages/core'],
        ['@millrace/kafka', 'packages/kafka'],
      ] as const) {
        const target = path.join(folder, 'node_modules', name);
        const packed = mkdtempSync(path.join(folder, 'packed-'));
        mkdirSync(target, { recursive: true });
        ok(
          await run(
            'npm',
            ['pack', '--ignore-scripts', '--silent', '--pack-destination', packed],
            path.join(ROOT, source),
          ),
        );
        const [tarball = ''] = readdirSync(packed);
        ok(await run('tar', ['-xzf', path.join(packed, tarball), '-C', target, '--strip-components', '1'], folder));
      }
      // What npm would install beside it, but for the native client.
      for (const name of ['p-limit', 'p-retry'])
        symlinkSync(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name));
      writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    }, TIMEOUT_MS);

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test(
      'a program runs on the modelled broker, and says what it lacks for a real one',
      async () => {
        writeFileSync(path.join(folder, 'program.js'), PROGRAM);
        expect(ok(await node(['program.js'], folder)).stdout.trim()).toBe('a b');
        const real = ok(await node(['program.js', 'real'], folder)).stdout;
        expect(real).toMatch(/^DEPENDENCY_MISSING @confluentinc\/kafka-javascript, the Kafka client, is not installed/);
      },
      TIMEOUT_MS,
    );
  });
}
