import { fixedDelay, silentLogger, type JobEvent, type JobHandle } from 'millrace';
import { directory } from 'millrace/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBroker } from '../../../../scripts/kafka/broker.mjs';
import { kafka } from '../../src/index.ts';
import { countedJob, EXACTLY_ONCE, items, judge, PARTITIONS } from '../setup/counted-job.ts';
import { newFolder, newTopic, produce, readWithJava, uniqueName, withOwnBroker } from '../setup/fixture.ts';
import { END_TXN, KafkaProxy, type Fate } from '../setup/proxy.ts';

const COUNT = 3_000;
/** The commit that is broken: there are some before it, and it has output. */
const BROKEN_COMMIT = 4;
/** Commits that must follow it. */
const COMMITS_AFTER = 3;

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

  /** Runs a job over the proxy; one of its commits meets `fate`, and then, with `silence`, nothing answers any more. */
  async function run(fate: Fate, silence: boolean) {
    const at = broker.bootstrap;
    const [input, output] = [await newTopic('in', PARTITIONS, {}, at), await newTopic('out', 2, {}, at)];
    await produce(input, items(0, COUNT), undefined, at);
    const flow = countedJob({ name: uniqueName('job'), input, output, rate: COUNT });
    const breaking = new Breaking(proxy, fate, silence);
    let handle: JobHandle | undefined = undefined;
    handle = await flow.run(
      kafka.solo({
        bootstrap: `127.0.0.1:${proxy.port}`,
        checkpoints: directory(newFolder()),
        commitInterval: '50ms',
        ...(silence ? { callTimeout: '5s' } : {}),
        restart: fixedDelay({ attempts: 20, delay: '20ms' }),
        logger: silentLogger,
        onEvent(event) {
          breaking.heard(event);
          if (breaking.over && handle?.metrics().operators[0]?.in === COUNT) void handle.stop();
        },
      }),
    );
    await handle.done;
    return {
      ...breaking,
      output: judge(
        readWithJava(output, 'read_committed', at).map(({ value }) => value),
        COUNT,
      ),
    };
  }

  const ids = (events: readonly JobEvent[], type: 'checkpoint' | 'restored') =>
    events.flatMap((event) => (event.type === type ? [event.id] : []));

  it.each(['lose request', 'lose answer'] as const)(
    'is asked for again where the connection comes back: %s',
    async (fate) => {
      const { after, broken, output } = await run(fate, false);
      expect(output).toEqual(EXACTLY_ONCE);
      // Nothing was rolled back, and no number is missing.
      expect(after.map(({ type }) => type)).toEqual(after.map(() => 'checkpoint'));
      expect(ids(after, 'checkpoint')).toEqual(after.map((_, i) => broken + i));
    },
  );

  it('is found to have happened, and followed, where the answer never comes', async () => {
    const { after, broken, output } = await run('lose answer', true);
    expect(output).toEqual(EXACTLY_ONCE);
    expect(after[0]).toMatchObject({ type: 'restarting', error: { fields: { step: 'commitTransaction' } } });
    // Nobody has said so, but the marker names it: the job goes on from it and not from the one before.
    expect(ids(after, 'restored')[0]).toBe(broken);
    expect(ids(after, 'checkpoint')[0]).toBe(broken + 1);
  });

  it('is found not to have happened, and rolled back, where the request never arrives', async () => {
    const { after, broken, output } = await run('lose request', true);
    expect(output).toEqual(EXACTLY_ONCE);
    expect(after[0]).toMatchObject({ type: 'restarting', error: { fields: { step: 'commitTransaction' } } });
    expect(ids(after, 'restored')[0]).toBe(broken - 1);
    expect(ids(after, 'checkpoint')[0]).toBe(broken);
  });
});

/** Breaks one commit of a job, and keeps what the job has told since. */
class Breaking {
  /** Number of the commit that was broken; 0: none yet. */
  broken = 0;
  readonly after: JobEvent[] = [];
  private readonly proxy: KafkaProxy;
  private last = 0;

  constructor(proxy: KafkaProxy, fate: Fate, silence: boolean) {
    this.proxy = proxy;
    let commits = 0;
    proxy.fate = (key) => {
      if (key !== END_TXN) return 'pass';
      if (this.broken === 0) return ++commits === BROKEN_COMMIT ? fate : 'pass';
      // The client that was given up tries again as well, until its successor has locked it out.
      return silence ? 'lose request' : 'pass';
    };
    proxy.onLost = () => {
      if (this.broken > 0) return;
      this.broken = this.last + 1;
      if (silence) proxy.silence();
    };
  }

  get over(): boolean {
    return this.broken > 0 && this.last >= this.broken + COMMITS_AFTER;
  }

  heard(event: JobEvent): void {
    if (event.type === 'checkpoint') this.last = event.id;
    if (this.broken > 0 && event.type !== 'restoring') this.after.push(event);
    if (this.broken > 0 && event.type === 'restarting') this.proxy.heal();
    if (this.broken > 0 && event.type === 'restored') this.proxy.fate = () => 'pass';
  }
}
