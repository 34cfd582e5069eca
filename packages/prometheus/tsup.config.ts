import { defineConfig } from 'tsup';

/** Declarations are written by tsc afterwards (tsconfig.build.json). */
export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  external: [/^node:/, /^millrace(\/|$)/, 'prom-client', 'pino'],
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
  dts: false,
});
