import { fileURLToPath } from 'node:url';

/** The input that comes with the repository. */
export const BUNDLED_FILE = fileURLToPath(new URL('../../data/orders.ndjson', import.meta.url));

/** What it was generated with: `npx tsx examples/revenue/generate.ts` writes the same bytes again; a test compares. */
export const BUNDLED = { orders: 10_000, seed: 20_260_105 } as const;
