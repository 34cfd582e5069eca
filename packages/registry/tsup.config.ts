import { defineConfig } from 'tsup';

/** Declarations are written by tsc afterwards (tsconfig.build.json). */
export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // Dependencies and peers are found by whoever installs the package.
  external: [
    /^node:/,
    /^millrace(\/|$)/,
    '@confluentinc/schemaregistry',
    'ajv',
    'avsc',
    'lru-cache',
    'p-retry',
    'protobufjs',
  ],
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
  dts: false,
});
