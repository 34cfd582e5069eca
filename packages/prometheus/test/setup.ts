import type { TestProject } from 'vitest/node';
// The scripts are plain JavaScript, so that they run before anything is installed.
import { prepare } from '../../../scripts/services/prometheus.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no Prometheus; `''`: there is. */
    prometheusMissing: string;
  }
}

/** Installs Prometheus where it can be; says loudly if there is none. */
export default function setup(project: TestProject): void {
  const missing = prepare();
  if (missing !== '') {
    if (process.env['MILLRACE_SERVICES'] === 'required')
      throw new Error(`the tests on Prometheus must run: ${missing}`);
    process.stderr.write(`\nTHE TESTS ON PROMETHEUS ARE SKIPPED: ${missing}\n\n`);
  }
  project.provide('prometheusMissing', missing);
}
