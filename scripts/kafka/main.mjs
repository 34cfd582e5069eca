/**
 * `npm run kafka [-- --port N]`: a broker to try things out. Prints where it is, on stdout and nothing else there, and ends
 * with Ctrl-C; what was written to it is gone then.
 */
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { findBroker } from './find-broker.mjs';

const { port = '0' } = options();
if (!(Number.isInteger(Number(port)) && Number(port) >= 0 && Number(port) < 65_536)) {
  process.stderr.write(`millrace: --port ${JSON.stringify(port)} is not the number of a port\n`);
  process.exit(2);
}
if (!(await isFree(Number(port)))) {
  process.stderr.write(`millrace: port ${port} is in use; end what uses it, or take another one with --port\n`);
  process.exit(1);
}
let broker = undefined; // not yet
let stopping = false;
const keepAlive = setInterval(() => {}, 1 << 30);
// Before anything is started: what is being started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
broker = await findBroker({ port: Number(port) }).catch((error) => ({ missing: error.message }));
if (broker.missing !== undefined) {
  process.stderr.write(`millrace: no broker can be started: ${broker.missing}\n`);
  process.exit(1);
}
process.stdout.write(`${broker.bootstrap}\n`);
process.stderr.write(`Kafka is ready at ${broker.bootstrap} (${broker.how}); Ctrl-C ends it\n`);
broker.exited?.().then(() => {
  if (stopping) return;
  process.stderr.write('millrace: the broker has ended by itself\n');
  process.exit(1);
});

/** What the command line says; usage if it cannot be read. */
function options() {
  const usage = 'usage: npm run kafka [-- --port N]\n';
  try {
    const text = { type: 'string' };
    const { help = false, port: given } = parseArgs({ options: { port: text, help: { type: 'boolean' } } }).values;
    if (!help) return { port: given };
    process.stdout.write(usage);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`millrace: ${error.message}\n${usage}`);
    process.exit(2);
  }
}

async function stop(signal) {
  if (stopping) return;
  stopping = true;
  if (broker === undefined) process.exit(128 + constants.signals[signal]);
  clearInterval(keepAlive);
  await broker.stop?.();
  process.exit(0);
}

function isFree(number) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(number, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
