import { defineConfig } from 'tsup';

/** Declarations are written by tsc afterwards (tsconfig.build.json). */
export default defineConfig({
  entry: { index: 'src/index.ts', main: 'src/main.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  external: [/^node:/, /^millrace(\/|$)/, '@millrace/kafka', 'commander', 'cli-table3'],
  removeNodeProtocol: false,
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: false,
});
