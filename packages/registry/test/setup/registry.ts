import type { TestProject } from 'vitest/node';
// The scripts are plain JavaScript, so that they run before anything is installed.
import { missingServer } from '../../../../scripts/services/missing-server.mjs';
import { missing, start } from '../../../../scripts/services/registry.mjs';

/** What tests on a real registry are given. */
export interface RegistryForTests {
  readonly url: string;
  /** Why there is none; `''`: there is. */
  readonly missing: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    registry: RegistryForTests;
  }
}

/** Starts one registry for all test files; says loudly if there is none. */
export default async function setup(project: TestProject): Promise<(() => Promise<unknown>) | undefined> {
  const problem = missingServer('a schema registry', missing());
  if (problem === '') {
    const { url, stop } = await start();
    project.provide('registry', { url, missing: '' });
    return stop;
  }
  project.provide('registry', { url: '', missing: problem });
  return undefined;
}
