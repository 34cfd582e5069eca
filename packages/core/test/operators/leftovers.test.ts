import { describe, expect, it } from 'vitest';
import { count, tumbling, type DataStream } from '../../src/index.ts';
import { operatorHarness } from '../../src/testing.ts';

describe('state of a window', () => {
  it('R7: a record that is late by nothing, clean-up time = watermark, leaves no state behind', async () => {
    const harness = await operatorHarness((input: DataStream<{ k: string }, true>) =>
      input
        .keyBy((r) => r.k)
        .window(tumbling(100))
        .aggregate({ n: count() }),
    );
    harness.push({ k: 'a' }, 0);
    harness.watermark(99);
    harness.push({ k: 'a' }, 99);
    const states = harness.snapshot().operators.flatMap((operator) => operator.state.states);
    // An empty slice without a timer would stay for ever.
    expect(states.find((state) => state.kind === 'slices')).toMatchObject({ slices: [], entries: [] });
    expect(harness.stateSize()).toEqual({ entries: 0, timers: 0 });
    expect(harness.driver.metrics().operators.find((o) => o.kind === 'window')).toMatchObject({
      late: 1,
      out: 1,
      buffered: 0,
    });
  });
});
