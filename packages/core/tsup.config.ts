import { defineConfig } from 'tsup';

/** Declarations are written by tsc afterwards (tsconfig.build.json). */
export default defineConfig({
  entry: { index: 'src/index.ts', node: 'src/node.ts', testing: 'src/testing.ts' },
  format: 'esm',
  target: 'node20',
  // The engine also runs in a browser page: nothing of Node is assumed, and only `./node` imports from it.
  platform: 'neutral',
  external: [/^node:/],
  removeNodeProtocol: false,
  // Classes shared by the entries exist once, so that `instanceof` holds across them.
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: false,
});
