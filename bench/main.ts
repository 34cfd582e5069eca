/**
 * `npm run bench`: measures millrace against others on the same input with the same result. See README.md.
 *
 *   main.ts -> warm-up -> one case after the other: contenders by turns -> table, results/latest.json
 */
import { parseArgs } from 'node:util';
import { backpressure } from './cases/backpressure.ts';
import { chain } from './cases/chain.ts';
import { checkpoint, checkpointSessions } from './cases/checkpoint.ts';
import { emit } from './cases/emit.ts';
import { firing } from './cases/firing.ts';
import { kafkaLatency } from './cases/kafka-latency.ts';
import { kafkaStall } from './cases/kafka-stall.ts';
import { kafkaCase } from './cases/kafka.ts';
import { orders } from './cases/orders.ts';
import { producerCase } from './cases/producer.ts';
import { registryCase } from './cases/registry.ts';
import { sessions } from './cases/sessions.ts';
import { slidingCase } from './cases/sliding.ts';
import { tumblingInt, tumblingString } from './cases/tumbling.ts';
import type { BenchCase, BenchOptions, CaseResult } from './harness/model.ts';
import { printCase, printTable, writeResults } from './harness/report.ts';
import { warmUp } from './harness/warm-up.ts';

const CASES: readonly BenchCase[] = [
  chain,
  tumblingInt,
  tumblingString,
  slidingCase,
  sessions,
  emit,
  firing,
  backpressure,
  checkpoint,
  checkpointSessions,
  orders,
  kafkaCase,
  kafkaLatency,
  kafkaStall,
  producerCase,
  registryCase,
];

const HELP = `Measures millrace against other programs that do the same. Read the ratios, not the digits.

  npm run bench                      everything, 5 rounds
  npm run bench -- --quick           3 rounds, smaller inputs
  npm run bench -- --only NAME       one case; repeat it for several
  npm run bench -- --orders N        lines of the orders job (default 1000000, quick 200000)

${CASES.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}

Results go to bench/results/latest.json. Exit code: 0 done, 1 a result is wrong, 2 wrong flags. Speed fails nothing.`;

interface Arguments {
  readonly options: BenchOptions;
  readonly cases: readonly BenchCase[];
}

function parse(args: string[]): Arguments | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      orders: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const unknown = values.only.find((name) => !CASES.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw new Error(
      `there is no case ${JSON.stringify(unknown)}; there are ${CASES.map(({ name }) => name).join(', ')}`,
    );
  }
  const orderCount = Number(values.orders ?? (values.quick ? 200_000 : 1_000_000));
  if (!Number.isSafeInteger(orderCount) || orderCount < 1) throw new Error('--orders must be a whole number above 0');
  const cases = values.only.length === 0 ? CASES : CASES.filter(({ name }) => values.only.includes(name));
  return { options: { quick: values.quick, rounds: values.quick ? 3 : 5, orders: orderCount }, cases };
}

async function measure({ options, cases }: Arguments): Promise<number> {
  if (globalThis.gc === undefined) console.log('without --expose-gc: garbage of one contender may cost another');
  await warmUp();
  const results: CaseResult[] = [];
  for (const one of cases) {
    const result = await one.run(options);
    printCase(result);
    results.push(result);
  }
  printTable(results);
  console.log(`\n${writeResults(options, results)} written; Node ${process.version}`);
  return results.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

async function main(args: string[]): Promise<number> {
  let parsed: Arguments | 'help';
  try {
    parsed = parse(args);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  if (parsed !== 'help') return measure(parsed);
  console.log(HELP);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
