import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Tests run on the sources, without a build: `millrace` resolves to packages/core/src through this export condition. Vite's usual
 * 'module' is left out: Node does not know it, and what it leads to in some packages cannot be run by Node.
 */
const conditions = ['millrace-source', 'node', 'development|production'];

const project = (name: string, root: string) => ({
  extends: true as const,
  test: { name, root, include: ['test/**/*.test.ts'] },
});

/** Those tests of packages/kafka that need neither a broker nor the native client. */
const kafkaUnit = {
  extends: true as const,
  test: { name: 'kafka-unit', root: 'packages/kafka', include: ['test/unit/**/*.test.ts'] },
};

/** A project of its own: its tests need a broker, and the native client, which is loaded once per process. */
const kafka = {
  extends: true as const,
  test: {
    name: 'kafka',
    root: 'packages/kafka',
    include: ['test/broker/**/*.test.ts'],
    pool: 'forks' as const,
    globalSetup: ['test/setup/broker.ts'],
    // Brokers and Java programs start and restart in them.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
};

/** Tests of a package that need no server. */
const unit = (name: string) => ({
  extends: true as const,
  test: { name, root: `packages/${name}`, include: ['test/unit/**/*.test.ts'] },
});

/** Those that need real servers, which `setup` finds and starts once. */
const services = (name: string, setup: string) => ({
  extends: true as const,
  test: {
    name: `${name}-services`,
    root: `packages/${name}`,
    include: ['test/services/**/*.test.ts'],
    pool: 'forks' as const,
    globalSetup: [setup],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['millrace-source', 'node'] } },
  test: {
    environment: 'node',
    // A bound on hangs, not a measure of speed: machines under load must not fail a test (testing.md 11).
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests of Kafka wait more than they compute: on two cores, where Vitest would take one worker, two halve the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    passWithNoTests: false,
    dangerouslyIgnoreUnhandledErrors: false,
    reporters: ['default', './scripts/count-reporter.mjs'],
    projects: [
      project('core', 'packages/core'),
      project('e2e', 'packages/e2e'),
      project('examples', 'examples'),
      kafkaUnit,
      kafka,
      unit('idempotence'),
      services('idempotence', 'test/services/setup/servers.ts'),
      unit('registry'),
      services('registry', 'test/setup/registry.ts'),
      unit('prometheus'),
      services('prometheus', 'test/setup.ts'),
      unit('cli'),
    ],
    coverage: { include: ['packages/*/src/**'], reportsDirectory: 'coverage' },
  },
});
