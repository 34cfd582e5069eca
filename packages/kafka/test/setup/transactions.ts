import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bootstrap, classPath } from './fixture.ts';

const run = promisify(execFile);

/** State of a transaction as Kafka's own tool shows it, such as `Ongoing`, `CompleteCommit`, `CompleteAbort`. */
export async function transactionState(id: string, at: string = bootstrap): Promise<string> {
  const tool = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', classPath, 'org.apache.kafka.tools.TransactionsCommand'];
  const { stdout } = await run('java', [...tool, '--bootstrap-server', at, 'describe', '--transactional-id', id]);
  const [names = '', values = ''] = stdout.trim().split('\n');
  const column = names.trim().split(/\s+/).indexOf('TransactionState');
  return values.trim().split(/\s+/)[column] ?? '';
}

/** Resolves once the transaction is in a state. Asks again and again: the broker tells nobody when it ends one by itself. */
export async function untilTransaction(id: string, state: string, at: string = bootstrap): Promise<void> {
  while ((await transactionState(id, at)) !== state);
}
