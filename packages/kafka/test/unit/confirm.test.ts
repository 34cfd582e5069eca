import { silentLogger, type Scheduler } from 'millrace';
import { expect, it } from 'vitest';
import { KafkaSession } from '../../src/session/session.ts';
import { Connection } from '../../src/settings/connection.ts';
import { modelBroker } from '../../src/testing.ts';

const scheduler: Scheduler = {
  defer: (action) => setImmediate(action),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

it('a life that began behind the last commit of its group commits nothing, and one that begins there does', async () => {
  const cluster = modelBroker();
  cluster.createTopic('out');
  const connection = new Connection('test', { bootstrap: 'model:9092', driver: cluster.driver });
  const options = {
    connection,
    group: 'job',
    transactional: true,
    transactionTimeoutMs: 60_000,
    lingerMs: 0,
    prefix: '',
  };
  const session = new KafkaSession({ ...options, markerTopic: 'out' }, { scheduler, logger: silentLogger });
  const commit = (id: number) => session.commit({ id, attempt: 'a', digest: '01234567' }, []);
  await session.begin();
  await commit(1);
  await commit(2);
  // The next life was told of nothing, as a group may say right after a broker's start.
  await session.begin();
  session.begunWith = undefined;
  await expect(commit(1)).rejects.toMatchObject({ code: 'IO_FAILED', retryable: true });
  expect((await session.marker(true))?.id).toBe(2);
  await session.begin();
  session.begunWith = await session.marker(true);
  await commit(3);
  expect((await session.marker(true))?.id).toBe(3);
  await session.close();
});
