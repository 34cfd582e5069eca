import { defineConfig } from 'vitest/config';

/** Tests run on the sources, without a build: `millrace` resolves to packages/core/src through this export condition. */
const conditions = ['millrace-source', 'module', 'node', 'development|production'];

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

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['millrace-source', 'node'] } },
  test: {
    environment: 'node',
    // A bound on hangs, not a measure of speed: machines under load must not fail a test (testing.md 11).
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    dangerouslyIgnoreUnhandledErrors: false,
    reporters: ['default', './scripts/count-reporter.mjs'],
    projects: [
      project('core', 'packages/core'),
      project('e2e', 'packages/e2e'),
      project('examples', 'examples'),
      kafkaUnit,
      kafka,
    ],
    coverage: { include: ['packages/*/src/**'], reportsDirectory: 'coverage' },
  },
});
