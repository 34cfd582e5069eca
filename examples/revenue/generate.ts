/**
 * Writes a file of orders: out of order, with late and malformed lines, the same bytes for the same seed.
 *
 *   npx tsx examples/revenue/generate.ts                               the bundled input, again
 *   npx tsx examples/revenue/generate.ts --orders 5000000 --output F   a larger one
 *
 * Flags: --orders N, --seed N, --output F.
 */
import path from 'node:path';
import { BUNDLED, BUNDLED_FILE } from './generator/bundled.ts';
import { writeOrders } from './generator/write-orders.ts';
import { parseFlags, someText, wholeNumber } from './options/flags.ts';
import { UsageError } from './options/usage-error.ts';

const FLAGS = {
  orders: { type: 'string', default: String(BUNDLED.orders) },
  seed: { type: 'string', default: String(BUNDLED.seed) },
  output: { type: 'string', default: BUNDLED_FILE },
} as const;

try {
  const flags = parseFlags(process.argv.slice(2), FLAGS);
  const orders = wholeNumber('--orders', flags.orders, 1, 1_000_000_000);
  const seed = wholeNumber('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER);
  const file = path.resolve(someText('--output', flags.output));
  if (file === BUNDLED_FILE && (orders !== BUNDLED.orders || seed !== BUNDLED.seed)) {
    throw new UsageError(
      'other orders than the bundled ones need --output: the bundled file is never replaced by them',
    );
  }
  const bytes = writeOrders(file, { orders, seed });
  console.log(`${file}: ${orders} orders, ${bytes} bytes`);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
