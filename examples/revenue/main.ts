/**
 * The main job, `npm start`: revenue per category in tumbling windows of event time. Flags: `npm start -- --help`.
 *
 * What happens here: command line -> checks -> output folder -> pipeline (pipeline.ts) -> report.
 */
import { isKafkaJob, parseKafkaOptions } from './kafka/options.ts';
import { HELP } from './options/help.ts';
import { parseOptions } from './options/options.ts';
import { UsageError } from './options/usage-error.ts';
import { runRevenue } from './run-revenue.ts';

// A reader of our output that goes away (`npm start | head`) is no reason to end the job.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

async function main(argv: readonly string[]): Promise<number> {
  try {
    if (isKafkaJob(argv) && !asksForHelp(argv)) {
      const options = parseKafkaOptions(argv);
      return await (await import('./kafka/run.ts')).runOnKafka(options);
    }
    if (asksForHelp(argv)) {
      console.log(HELP);
      return 0;
    }
    const options = parseOptions(argv);
    return await runRevenue(options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`error: ${message.replace(/\s*\n\s*/g, ' ')}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function asksForHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h');
}

process.exitCode = await main(process.argv.slice(2));
