/**
 * The program that is killed. What it offers and what was accepted it notes in files, one line each: the system keeps what was written
 * when a process dies.
 *
 *   queue          enqueues and sends numbered events of several keys, goes on with the next number
 *   finish         sends nothing, delivers what is in the queue
 *   transaction    writes numbers in transactions of ten, goes on behind the last one that is committed
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dataflow, memorySink, silentLogger } from 'millrace';
import { kafka } from '../../kafka/src/index.ts';

const [mode, bootstrap = '', topic = '', folder = ''] = process.argv.slice(2);
const KEYS = 10;
const PER_TRANSACTION = 10;
const OFFERED = path.join(folder, 'offered');
const ACCEPTED = path.join(folder, 'accepted');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** The parent counts from here on. */
const opened = (): void => void process.stdout.write('open\n');

if (mode === 'transaction') await sendInTransactions();
else await sendByQueue(mode === 'finish');

async function sendByQueue(finish: boolean): Promise<void> {
  const queue = { directory: path.join(folder, 'queue'), maxBytes: 64 * 1024 * 1024 };
  const producer = await kafka.producer({ bootstrap, queue, logger: silentLogger });
  opened();
  if (finish) {
    const left = await producer.close({ within: '3m' });
    process.exit(left === 0 ? 0 : 1);
  }
  const next = new Map<string, number>();
  const lines = existsSync(OFFERED) ? readFileSync(OFFERED, 'utf8').split('\n') : [];
  for (const line of lines) {
    const [key = '', number = ''] = line.split(' ');
    if (number !== '') next.set(key, Number(number) + 1);
  }
  for (let i = 0; ; i++) {
    const key = `k${i % KEYS}`;
    const number = next.get(key) ?? 1;
    next.set(key, number + 1);
    appendFileSync(OFFERED, `${key} ${number}\n`);
    const event = { topic, key, value: number };
    const safe = i % 3 === 0 ? producer.send(event) : producer.enqueue(event);
    safe.then(
      () => appendFileSync(ACCEPTED, `${key} ${number}\n`),
      (error: Error) => {
        process.stderr.write(`${key} ${number}: ${error.message}\n`);
        process.exit(3);
      },
    );
    if (i % 10 === 9) {
      await pause(2);
      await producer.ready();
    }
  }
}

async function sendInTransactions(): Promise<void> {
  // Once it is open, whatever its predecessor had begun is decided.
  const producer = await kafka.producer({ bootstrap, transactionalId: `crash-${topic}`, logger: silentLogger });
  let next = (await committed()) + 1;
  opened();
  for (;;) {
    const first = next;
    await producer.transaction((tx) => {
      for (let i = 0; i < PER_TRANSACTION; i++) void tx.send({ topic, key: 'k', value: first + i });
    });
    next += PER_TRANSACTION;
    appendFileSync(ACCEPTED, `${next - 1}\n`);
  }
}

/** The last number that is committed; 0: none is. */
async function committed(): Promise<number> {
  const sink = memorySink<string>();
  const flow = dataflow('committed');
  flow.from('numbers', kafka.topic(topic, { bootstrap, until: 'end', format: kafka.string() })).to('rows', sink);
  await (
    await flow.run({ logger: silentLogger })
  ).done;
  return Math.max(0, ...sink.rows.map(Number));
}
