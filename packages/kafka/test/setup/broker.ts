import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
// The scripts are plain JavaScript, so that they run before anything is installed.
import { findBroker, toolsClassPath } from '../../../../scripts/kafka/find-broker.mjs';
import { JavaReader, type JavaReaderParts } from './java-reader.ts';

/** What tests on Kafka are given. */
export interface KafkaForTests extends JavaReaderParts {
  readonly bootstrap: string;
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
  const compiled = tools === undefined ? undefined : JavaReader.compile(tools);
  const parts = compiled?.reader.parts ?? { classPath: '', hasReader: false };
  project.provide('kafka', { bootstrap, ...parts, missing: '' });
  return async () => {
    compiled?.dispose();
    await stop();
  };
}

/** In a process of its own: this one must not load the native client. */
function clientProblem(): string | undefined {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { status } = spawnSync(process.execPath, ['-e', "require('@confluentinc/kafka-javascript')"], { cwd });
  return status === 0 ? undefined : 'the Kafka client is not built (npm run kafka:setup)';
}
