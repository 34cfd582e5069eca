/**
 * `npm run kafka [-- --port N]`: a broker to try things out. Prints where it is, on stdout and nothing else there, and ends
 * with Ctrl-C; what was written to it is gone then.
 */
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { findBroker } from './find-broker.mjs';

const { port = '0' } = parseArgs({ options: { port: { type: 'string' } } }).values;
if (!(Number.isInteger(Number(port)) && Number(port) >= 0 && Number(port) < 65_536)) {
  process.stderr.write(`millrace: --port ${JSON.stringify(port)} is not the number of a port\n`);
  process.exit(2);
}
if (!(await isFree(Number(port)))) {
  process.stderr.write(`millrace: port ${port} is in use; end what uses it, or take another one with --port\n`);
  process.exit(1);
}
const broker = await findBroker({ port: Number(port) });
if (broker.missing !== undefined) {
  process.stderr.write(`millrace: no broker can be started: ${broker.missing}\n`);
  process.exit(1);
}
process.stdout.write(`${broker.bootstrap}\n`);
process.stderr.write(`Kafka is ready at ${broker.bootstrap} (${broker.how}); Ctrl-C ends it\n`);
let stopping = false;
const keepAlive = setInterval(() => {}, 1 << 30);
const stop = async () => {
  if (stopping) return;
  stopping = true;
  clearInterval(keepAlive);
  await broker.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
broker.exited?.().then(() => {
  if (stopping) return;
  process.stderr.write('millrace: the broker has ended by itself\n');
  process.exit(1);
});

function isFree(number) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(number, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
