/** `npm run millrace -- ARGUMENTS`: the command line of packages/cli on the sources, with the repository's own packages/kafka. */
import process from 'node:process';
import { run } from '../packages/cli/src/run.ts';

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const io = {
  out: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
};
const load = () => import('../packages/kafka/src/index.ts');
process.exitCode = await run(process.argv.slice(2), { io, folder: process.cwd(), load });
