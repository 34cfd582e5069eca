import { silentLogger, systemScheduler } from 'millrace';
import { expect, it } from 'vitest';
import type { AdminDriver } from '../../src/index.ts';
import { Beginning } from '../../src/session/beginning.ts';
import { encodeMarker, type Marker } from '../../src/session/marker.ts';
import { KafkaSession } from '../../src/session/session.ts';
import { Connection } from '../../src/settings/connection.ts';
import { modelBroker } from '../../src/testing.ts';

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
  const session = new KafkaSession(
    { ...options, markerTopic: 'out' },
    { scheduler: systemScheduler, logger: silentLogger },
  );
  const commit = (id: number) => session.commit({ id, attempt: 'a', digest: '01234567' }, []);
  await session.begin();
  await commit(1);
  await commit(2);
  // The next life was told of nothing, as a group may say right after a broker's start.
  await session.begin();
  session.beginning.at(undefined);
  await expect(commit(1)).rejects.toMatchObject({ code: 'IO_FAILED', retryable: true });
  expect((await session.marker(true))?.id).toBe(2);
  await session.begin();
  session.beginning.at(await session.marker(true));
  await commit(3);
  expect((await session.marker(true))?.id).toBe(3);
  await session.close();
});

it.each([
  ['a commit later', { id: 3 }],
  ['another attempt at the same commit', { attempt: 'b' }],
  ['a job begun afresh', { era: 1 }],
])('what the group says must be where the life began, not %s', async (_what, other) => {
  const marker = { era: 0, id: 2, attempt: 'a', digest: '01234567', writer: 'job' };
  const admin = (said: Marker) => {
    const offsets = [{ topic: 't', partition: 0, offset: 5, metadata: encodeMarker(said) }];
    return { committed: () => Promise.resolve(offsets) } as unknown as AdminDriver;
  };
  const beginning = new Beginning('job');
  beginning.at(marker);
  await expect(beginning.confirm(admin({ ...marker, ...other }))).rejects.toMatchObject({ retryable: true });
  await beginning.confirm(admin(marker));
  // Once per life.
  await beginning.confirm(admin({ ...marker, ...other }));
  beginning.at(marker);
  await expect(beginning.confirm(admin({ ...marker, ...other }))).rejects.toThrow('was behind');
});
