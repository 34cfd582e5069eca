import { gzipSync } from 'node:zlib';
import { test } from 'vitest';
import { checkJob, type Files } from './support/check-job.ts';
import { randomFile } from './support/random-file.ts';
import { randomOf } from './support/random.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** `REVENUE_SEED=N` runs one seed, `REVENUE_RUNS=N` more of them from 1 on. */
const RUNS = Number(process.env['REVENUE_RUNS'] ?? 6);
const SEEDS =
  process.env['REVENUE_SEED'] === undefined
    ? Array.from({ length: RUNS }, (_, index) => index + 1)
    : [Number(process.env['REVENUE_SEED'])];

const WINDOWS = [
  { flag: '5m', ms: 300_000 },
  { flag: '1s', ms: 1_000 },
  { flag: '7s', ms: 7_000 },
  { flag: '37m', ms: 2_220_000 },
];

test.each(SEEDS)(
  'any input, any partitions, any window: the results of the reference (REVENUE_SEED=%d)',
  async (seed) => {
    const random = randomOf(seed);
    const partitions: string[][] = [];
    const files: Record<string, string | Buffer> = {};
    const inputs: string[] = [];
    for (let index = 0; index < 1 + random.below(4); index++) {
      const names: string[] = [];
      for (let part = 0; part < 1 + random.below(3); part++) {
        const zipped = random.below(4) === 0;
        const name = `partition-${index}/${part}.ndjson${zipped ? '.gz' : ''}`;
        const bytes = randomFile(random);
        files[name] = zipped ? gzipSync(bytes) : bytes;
        names.push(name);
      }
      partitions.push(names);
      inputs.push(random.pick([`partition-${index}`, `partition-${index}/*`]));
    }
    const window = random.pick(WINDOWS);
    await checkJob({ folder: temporaryFolder(), files: files satisfies Files, inputs, partitions, window });
  },
);
