import { defineConfig } from 'tsup';

/** Declarations are written by tsc afterwards (tsconfig.build.json). */
export default defineConfig({
  entry: { index: 'src/index.ts', testing: 'src/testing.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  external: [/^node:/, /^millrace(\/|$)/, '@confluentinc/kafka-javascript'],
  removeNodeProtocol: false,
  // Both entries share the connector: what `testing` simulates is what `index` runs.
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: false,
});
