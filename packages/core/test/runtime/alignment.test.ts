import { describe, expect, it } from 'vitest';
import { boundedOutOfOrderness, dataflow, memorySink, type Source } from '../../src/index.ts';
import { pipelineDriver } from '../../src/testing.ts';

interface Event {
  readonly name: string;
  readonly time: number;
}

/** A live source that gives one record per poll, `stepMs` of event time apart. */
function ticking(name: string, stepMs: number, records: number): Source<Event> {
  return {
    kind: 'ticking',
    bounded: false,
    onError: 'fail',
    open: () => {
      let read = 0;
      return Promise.resolve({
        partitions: [{ id: '0' }],
        poll: () => {
          if (read === records) return 'pending' as const;
          const values = [{ name, time: stepMs * read++ }];
          const nothing = { positions: undefined, timestamps: undefined, part: undefined, rejected: [] };
          return { values, from: 0, to: 1, firstPosition: read - 1, next: read, ...nothing };
        },
        close: () => Promise.resolve(),
      });
    },
  };
}

const aligned = (maxDrift: number) =>
  boundedOutOfOrderness<Event>(0, (event) => event.time, {
    alignment: { group: 'g', maxDrift, every: 10 },
    idleAfter: 1_000,
  });

describe('R33: alignment', () => {
  it('a partition far ahead of the slowest of its group is not read until that one has caught up', async () => {
    const out = memorySink<Event>();
    const flow = dataflow('aligned');
    const slow = flow.from('slow', ticking('slow', 10, 300), { watermarks: aligned(500) });
    const fast = flow.from('fast', ticking('fast', 1_000, 300), { watermarks: aligned(500) });
    slow.union(fast).to('out', out);
    const driver = await pipelineDriver(flow);
    let furthest = 0;
    for (let i = 0; i < 400; i++) {
      driver.step();
      driver.step();
      driver.time.advance(1);
      const [a, b] = driver.metrics().sources;
      if (a !== undefined && b !== undefined && a.watermark > -Infinity) {
        furthest = Math.max(furthest, b.watermark - a.watermark);
        // Never both: somebody always moves.
        expect(a.partitions[0]?.paused === true && b.partitions[0]?.paused === true).toBe(false);
      }
    }
    // Up to one look's worth further than the drift: 20 steps, of which half are of the fast source.
    expect(furthest).toBeLessThanOrEqual(500 + 21_000);
    expect(out.rows.filter(({ name }) => name === 'slow')).toHaveLength(300);
    await driver.crash();
  });

  it('an idle partition holds nobody back', async () => {
    const out = memorySink<Event>();
    const flow = dataflow('idle');
    const empty = flow.from('empty', ticking('empty', 1, 0), { watermarks: aligned(0) });
    empty.union(flow.from('busy', ticking('busy', 100, 50), { watermarks: aligned(0) })).to('out', out);
    const driver = await pipelineDriver(flow);
    for (let i = 0; i < 100; i++) {
      driver.step();
      driver.time.advance(1);
    }
    expect(out.rows.length).toBeLessThan(50);
    driver.advance(3_000);
    expect(out.rows).toHaveLength(50);
    await driver.crash();
  });

  it('names the option that is wrong', () => {
    const timestamp = (event: Event): number => event.time;
    expect(() => boundedOutOfOrderness(0, timestamp, { alignment: { group: '', maxDrift: 1 } })).toThrow(
      'alignment.group',
    );
    expect(() => boundedOutOfOrderness(0, timestamp, { alignment: { group: 'g', maxDrift: -1 } })).toThrow(
      'alignment.maxDrift',
    );
  });
});
