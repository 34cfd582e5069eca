import type { TestProject } from 'vitest/node';
// The scripts are plain JavaScript, so that they run before anything is installed.
import { missingServer } from '../../../scripts/services/missing-server.mjs';
import { prepare } from '../../../scripts/services/prometheus.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no Prometheus; `''`: there is. */
    prometheusMissing: string;
  }
}

/** Installs Prometheus where it can be; says loudly if there is none. */
export default function setup(project: TestProject): void {
  project.provide('prometheusMissing', missingServer('Prometheus', prepare()));
}
