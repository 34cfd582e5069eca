import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
// The scripts are plain JavaScript, so that they run before anything is installed.
import { findBroker, toolsClassPath } from '../../../../scripts/kafka/find-broker.mjs';

/** What tests on Kafka are given. */
export interface KafkaForTests {
  readonly bootstrap: string;
  /** Class path of Kafka's own tools and of ReadTopic; `''` without Java. */
  readonly classPath: string;
  /** Whether ReadTopic could be compiled: it needs a JDK. */
  readonly hasReader: boolean;
  /** Why there is no Kafka; `''`: there is. */
  readonly missing: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    kafka: KafkaForTests;
  }
}

/** Starts one broker for all test files; says loudly if there is none. */
export default async function setup(project: TestProject): Promise<(() => Promise<unknown>) | undefined> {
  const missing = clientProblem();
  const broker = missing === undefined ? await findBroker() : { missing };
  if (broker.missing !== undefined) {
    if (process.env['MILLRACE_KAFKA'] === 'required') throw new Error(`the tests on Kafka must run: ${broker.missing}`);
    process.stderr.write(`\nTHE TESTS ON KAFKA ARE SKIPPED: ${broker.missing}\n\n`);
    project.provide('kafka', { bootstrap: '', classPath: '', hasReader: false, missing: broker.missing });
    return undefined;
  }
  const { bootstrap, stop } = broker;
  const tools = toolsClassPath();
  const classes = tools === undefined ? undefined : compiledReader(tools);
  const classPath = tools === undefined ? '' : classes === undefined ? tools : `${classes}${delimiter}${tools}`;
  project.provide('kafka', { bootstrap, classPath, hasReader: classes !== undefined, missing: '' });
  return async () => {
    if (classes !== undefined) rmSync(classes, { recursive: true, force: true });
    await stop();
  };
}

/** Folder of the compiled reader; `undefined` where Java has no compiler. */
function compiledReader(classPath: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-reader-'));
  const source = fileURLToPath(new URL('ReadTopic.java', import.meta.url));
  const { status } = spawnSync('javac', ['-cp', classPath, '-d', folder, source]);
  if (status === 0) return folder;
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

/** In a process of its own: this one must not load the native client. */
function clientProblem(): string | undefined {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { status } = spawnSync(process.execPath, ['-e', "require('@confluentinc/kafka-javascript')"], { cwd });
  return status === 0 ? undefined : 'the Kafka client is not built (npm run kafka:setup)';
}
