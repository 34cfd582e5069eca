import path from 'node:path';
import { BUNDLED, BUNDLED_FILE } from '../generator/bundled.ts';
import type { OrdersSpec } from '../generator/orders.ts';
import type { FolderLayout } from '../output/folder-layout.ts';
import { inputFiles } from './input-files.ts';
import type { Input } from './options.ts';

/** What the job will read. */
export interface ResolvedInput {
  /** For `ndjson`: one partition each. */
  readonly patterns: readonly string[];
  /** Files of each that exist already. */
  readonly partitions: readonly (readonly string[])[];
  /** What has to be generated first, into the only pattern. */
  readonly generate: OrdersSpec | undefined;
}

export function resolveInput(input: Input, layout: FolderLayout): ResolvedInput {
  switch (input.kind) {
    case 'files':
      return { patterns: input.patterns, partitions: inputFiles(input.patterns), generate: undefined };
    case 'bundled': {
      const file = shortPath(BUNDLED_FILE);
      return { patterns: [file], partitions: inputFiles([file]), generate: undefined };
    }
    case 'generated': {
      const generate = { orders: input.orders ?? BUNDLED.orders, seed: input.seed ?? BUNDLED.seed };
      const file = path.join(layout.input, `orders-${generate.orders}-${generate.seed}.ndjson`);
      return { patterns: [file], partitions: [], generate };
    }
  }
}

/** Relative to the current folder where it is inside of it. */
function shortPath(file: string): string {
  const relative = path.relative('', file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}
