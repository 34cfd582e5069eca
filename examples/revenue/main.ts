/**
 * The main job, `npm start`: revenue per category in tumbling windows of event time. Flags: `npm start -- --help`.
 *
 * What happens here: command line -> checks -> output folder -> pipeline (pipeline.ts) -> report.
 */
import { HELP } from './options/help.ts';
import { parseOptions } from './options/options.ts';
import { UsageError } from './options/usage-error.ts';
import { runRevenue } from './run-revenue.ts';

// A reader of our output that goes away (`npm start | head`) is no reason to end the job.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(argv);
    if (!options.help) return await runRevenue(options);
    console.log(HELP);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`error: ${message.replace(/\s*\n\s*/g, ' ')}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
