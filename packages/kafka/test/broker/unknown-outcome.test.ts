import { fixedDelay, silentLogger, type JobEvent, type MillraceError } from 'millrace';
import { directory } from 'millrace/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBroker } from '../../../../scripts/kafka/broker.mjs';
import { kafka } from '../../src/index.ts';
import { countedJob, EXACTLY_ONCE, items, judge, PARTITIONS } from '../setup/counted-job.ts';
import { newFolder, newTopic, produce, readWithJava, uniqueName, withOwnBroker } from '../setup/fixture.ts';
import { END_TXN, KafkaProxy, type Fate } from '../setup/proxy.ts';

const COUNT = 3_000;
/** The commit whose outcome becomes unknown. */
const BROKEN_COMMIT = 4;

withOwnBroker('a commit whose outcome is not known', () => {
  let proxy: KafkaProxy;
  let broker: Awaited<ReturnType<typeof startBroker>>;

  beforeAll(async () => {
    proxy = await KafkaProxy.listen();
    // Clients of the second listener are sent to the proxy; the broker itself, and readers, use the first one.
    const spare = await KafkaProxy.listen();
    proxy.brokerPort = spare.port;
    await spare.close();
    broker = await startBroker({
      settings: (port: number, controllerPort: number) => ({
        listeners: [
          `PLAINTEXT://127.0.0.1:${port}`,
          `PROXIED://127.0.0.1:${proxy.brokerPort}`,
          `CONTROLLER://127.0.0.1:${controllerPort}`,
        ].join(),
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},PROXIED://127.0.0.1:${proxy.port}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
      }),
    });
  });

  afterAll(async () => {
    await proxy?.close();
    await broker?.stop();
  });

  /** Runs a job over the proxy; its fourth commit meets `fate`, and then, with `silence`, nothing answers any more. */
  async function run(fate: Fate, silence: boolean) {
    const at = broker.bootstrap;
    const [input, output] = [await newTopic('in', PARTITIONS, {}, at), await newTopic('out', 2, {}, at)];
    await produce(input, items(0, COUNT), undefined, at);
    const events: JobEvent[] = [];
    let commits = 0;
    let lost = 0;
    proxy.fate = (key) => (key === END_TXN && ++commits === BROKEN_COMMIT ? fate : 'pass');
    proxy.onLost = () => {
      lost++;
      if (silence) proxy.silence();
    };
    const flow = countedJob({ name: uniqueName('job'), input, output, until: 'end', rate: 3_000 });
    const handle = await flow.run(
      kafka.solo({
        bootstrap: `127.0.0.1:${proxy.port}`,
        checkpoints: directory(newFolder()),
        commitInterval: '50ms',
        // Long enough for a busy machine: a call that is given up without need is only one restart more.
        ...(silence ? { callTimeout: '3s' } : {}),
        restart: fixedDelay({ attempts: 20, delay: '20ms' }),
        logger: silentLogger,
        onEvent: (event) => {
          events.push(event);
          if (event.type === 'restarting') proxy.heal();
        },
      }),
    );
    await handle.done;
    expect({ status: handle.status, lost }).toEqual({ status: 'finished', lost: 1 });
    return { events, output: judge(readWithJava(output, 'read_committed', at).map(({ value }) => value), COUNT) };
  }

  const ids = (events: readonly JobEvent[], type: 'checkpoint' | 'restored') =>
    events.flatMap((event) => (event.type === type ? [event.id] : []));
  const steps = (events: readonly JobEvent[]) =>
    events.flatMap((event) => (event.type === 'restarting' ? [(event.error as MillraceError).fields] : []));

  it.each(['lose request', 'lose answer'] as const)(
    'is asked for again where the connection comes back: %s',
    async (fate) => {
      const { events, output } = await run(fate, false);
      expect(output).toEqual(EXACTLY_ONCE);
      // No number is missing or twice: nothing was rolled back.
      const committed = ids(events, 'checkpoint');
      expect(committed).toEqual(committed.map((_, i) => i + 1));
      expect(committed.length).toBeGreaterThan(BROKEN_COMMIT);
      expect(steps(events)).toEqual([]);
    },
  );

  it('is found to have happened, and followed, where the answer never comes', async () => {
    const { events, output } = await run('lose answer', true);
    expect(output).toEqual(EXACTLY_ONCE);
    expect(steps(events)[0]).toEqual({ step: 'commitTransaction', watchdog: true });
    // It was never reported, but the marker names it: the job goes on from it and not from the one before.
    expect(ids(events, 'restored')[0]).toBe(BROKEN_COMMIT);
    expect(ids(events, 'checkpoint').slice(0, 4)).toEqual([1, 2, 3, 5]);
  });

  it('is found not to have happened, and rolled back, where the request never arrives', async () => {
    const { events, output } = await run('lose request', true);
    expect(output).toEqual(EXACTLY_ONCE);
    expect(steps(events)[0]).toEqual({ step: 'commitTransaction', watchdog: true });
    expect(ids(events, 'restored')[0]).toBe(BROKEN_COMMIT - 1);
    expect(ids(events, 'checkpoint').slice(0, 4)).toEqual([1, 2, 3, 4]);
  });
});
