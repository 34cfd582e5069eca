/** A job with output that its topic refuses, for tests that kill it: BOOTSTRAP NAME INPUT OUTPUT FOLDER. Prints its events. */
import { dataflow, silentLogger } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '../../src/index.ts';

const [bootstrap, name, input, output, folder] = process.argv.slice(2) as [string, string, string, string, string];
const flow = dataflow(name);
flow
  .from('orders', kafka.topic<{ readonly i: number }>(input, { until: 'end' }))
  .to('copies', kafka.sink(output, { key: ({ i }) => `k${i % 7}` }));
const handle = await flow.run(
  kafka.solo({
    bootstrap,
    checkpoints: directory(folder),
    commitInterval: '50ms',
    logger: silentLogger,
    onError: kafka.deadLetters(),
    onEvent: ({ type }) => process.stdout.write(`${type}\n`),
  }),
);
await handle.done;
process.stdout.write('done\n');
