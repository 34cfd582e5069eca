import { expect, it } from 'vitest';
import { startBroker } from '../../../../scripts/kafka/broker.mjs';
import { confluentDriver } from '../../src/index.ts';
import { uniqueName, withBroker } from '../setup/fixture.ts';

withBroker('a broker that is away for longer than a question waits', () => {
  it('ends no process when it is back: what was asked of the group is forgotten with its client', async () => {
    const broker = await startBroker();
    try {
      const admin = await confluentDriver.admin({ 'bootstrap.servers': broker.bootstrap });
      const group = uniqueName('group');
      // From now on the client knows the coordinator.
      await expect
        .poll(() => admin.committed(group, false).catch(() => 'not there yet'), { timeout: 60_000 })
        .toEqual([]);
      await broker.kill(0, 'SIGKILL');
      await expect(admin.committed(group, false)).rejects.toMatchObject({ code: 'IO_FAILED', retryable: true });
      await broker.restart(0);
      await expect
        .poll(() => admin.committed(group, false).catch(() => 'not there yet'), { timeout: 60_000 })
        .toEqual([]);
      await admin.close();
    } finally {
      await broker.stop();
    }
  });
});
