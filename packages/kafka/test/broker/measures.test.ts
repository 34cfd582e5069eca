/** Limits, lag, latency and alarms of a topic on a real broker. */
import { dataflow, memorySink, silentLogger, type JobEvent } from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import { bootstrap, newFolder, newTopic, produce, uniqueName, withBroker } from '../setup/fixture.ts';

const WAIT = { timeout: 120_000, interval: 20 };
const RECORDS = 1_200;
const PARTITIONS = 3;

withBroker('a limited topic', () => {
  it('is read at its rate, from all partitions alike; its lag raises an alarm until it is gone', async () => {
    const input = await newTopic('limited', PARTITIONS);
    const values = Array.from({ length: RECORDS }, (_, i) => ({ partition: i % PARTITIONS, text: `value ${i}` }));
    await produce(input, values);
    const rows = memorySink<number>();
    const flow = dataflow(uniqueName('limited'));
    const source = kafka.topic(input, { format: kafka.string(), project: (_, { partition }) => partition });
    flow.from('in', source, { rateLimit: { records: '300/s' } }).to('out', rows);
    const events: JobEvent[] = [];
    const alarms = { lag: 100, for: 0 };
    const onEvent = (event: JobEvent): void => void events.push(event);
    const checkpoints = directory(newFolder());
    const begun = performance.now();
    const handle = await flow.run(
      kafka.solo({ bootstrap, checkpoints, guarantee: 'at-least-once', alarms, onEvent, logger: silentLogger }),
    );
    await expect.poll(() => rows.rows.length, WAIT).toBeGreaterThanOrEqual(300);
    const read = handle.metrics().sources[0]?.recordsRead ?? Infinity;
    expect(read).toBeLessThanOrEqual(300 * ((performance.now() - begun) / 1_000 + 0.1) + 1);
    const shares = [0, 1, 2].map((partition) => rows.rows.filter((row) => row === partition).length);
    // What has not been committed yet is not in the sink: a turn or two of each.
    expect(Math.min(...shares)).toBeGreaterThan(0.5 * Math.max(...shares));
    await expect.poll(() => handle.metrics().alarms, WAIT).toMatchObject([{ source: 'in', kind: 'lag', limit: 100 }]);
    await expect.poll(() => rows.rows.length, WAIT).toBe(RECORDS);
    await expect.poll(() => events.some(({ type }) => type === 'alarmEnded'), WAIT).toBe(true);
    expect(events.filter(({ type }) => type.startsWith('alarm'))).toMatchObject([
      { type: 'alarm', kind: 'lag' },
      { type: 'alarmEnded', kind: 'lag' },
    ]);
    const [measured] = handle.metrics().sources;
    expect(measured).toMatchObject({ recordsRead: RECORDS, lag: 0 });
    expect(measured?.bytesRead).toBe(values.reduce((sum, { text }) => sum + text.length, 0));
    await expect.poll(() => handle.metrics().sources[0]?.latency.maxMs, WAIT).toBeGreaterThan(1_000);
    expect(handle.metrics().commits?.count).toBeGreaterThan(0);
    await handle.stop();
  });
});
