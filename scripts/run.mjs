/**
 * The verbs behind `npm run VERB`: each does the set-up, then its steps, and stops at the first that fails.
 * A step is the arguments of one Node process. What follows `--` on the command line goes to the last step.
 */
import { join } from 'node:path';
import { ROOT, setupOrExit } from './setup.mjs';

/** Projects of vitest.config.ts that need no server. */
const UNIT = ['core', 'e2e', 'examples', 'kafka-unit', 'registry', 'idempotence', 'prometheus', 'cli'];

const VERBS = {
  test: ({ bin }) => [['scripts/kafka/prepare-tests.mjs'], ['scripts/services/prepare.mjs'], [bin('vitest'), 'run']],
  'test:unit': ({ bin }) => [[bin('vitest'), 'run', ...UNIT.flatMap((name) => ['--project', name])]],
  kafka: () => [['scripts/kafka/main.mjs']],
  'kafka:setup': () => [['scripts/kafka/client.mjs']],
  orders: () => [['scripts/kafka/client.mjs', '--quiet'], onSources('examples', 'revenue', 'kafka', 'feed.ts')],
  millrace: () => [onSources('scripts', 'millrace.mjs')],
  'test:nodes': () => [['scripts/test-nodes.mjs']],
  lint: ({ bin }) => [
    [bin('prettier'), '--check', '--log-level=warn', '.'],
    [bin('oxlint'), '--deny-warnings'],
    ['scripts/house.mjs'],
  ],
  format: ({ bin }) => [[bin('prettier'), '--write', '--log-level=warn', '.']],
  types: ({ bin }) => [[bin('typescript', 'tsc'), '-p', 'tsconfig.json']],
  build: () => [['scripts/build.mjs']],
  check: () => [['scripts/build.mjs'], ['scripts/check.mjs']],
  bench: () => [['scripts/kafka/prepare-tests.mjs'], ['--expose-gc', ...onSources('bench', 'main.ts')]],
  vectors: () => [onSources('packages', 'core', 'test', 'vectors-adapter', 'main.ts')],
  sim: () => [onSources('packages', 'e2e', 'simulation', 'main.ts')],
  crash: () => [onSources('packages', 'e2e', 'crash', 'main.ts')],
  'crash:kafka': () => [
    ['scripts/kafka/client.mjs', '--quiet'],
    onSources('packages', 'e2e', 'crash-kafka', 'main.ts'),
  ],
  'crash:dlq': ({ bin }) => {
    Object.assign(process.env, {
      MILLRACE_KAFKA: 'required',
      MILLRACE_DLQ_KILLS: process.env.MILLRACE_DLQ_KILLS ?? '20',
    });
    return [
      ['scripts/kafka/prepare-tests.mjs'],
      [bin('vitest'), 'run', '--project', 'kafka', 'test/broker/dlq.test.ts'],
    ];
  },
  'crash:producer': () => [
    ['scripts/kafka/client.mjs', '--quiet'],
    onSources('packages', 'e2e', 'crash-producer', 'main.ts'),
  ],
  'crash:idempotent': () => [
    ['scripts/kafka/client.mjs', '--quiet'],
    onSources('packages', 'e2e', 'crash-idempotent', 'main.ts'),
  ],
  soak: () => [['scripts/kafka/client.mjs', '--quiet'], onSources('packages', 'e2e', 'soak-kafka', 'main.ts')],
  example: () => [['scripts/kafka/client.mjs', '--quiet'], ['scripts/example.mjs']],
  fuzz: () => [onSources('packages', 'core', 'test', 'fuzz', 'main.ts')],
};

/** Runs a TypeScript program without a build. */
function onSources(...path) {
  return ['--conditions=millrace-source', '--import', 'tsx', join(ROOT, ...path)];
}

const [verb, ...rest] = process.argv.slice(2);
const stepsOf = VERBS[verb];
if (stepsOf === undefined) {
  process.stderr.write(`millrace: unknown verb ${JSON.stringify(verb)}; there are ${Object.keys(VERBS).join(', ')}\n`);
  process.exit(2);
}

await setupOrExit(verb);
const tools = await import('./tools.mjs');
const steps = stepsOf(tools);
for (const [index, step] of steps.entries()) {
  const code = await tools.node(index === steps.length - 1 ? [...step, ...rest] : step);
  if (code !== 0) process.exit(code);
}
