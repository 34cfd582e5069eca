import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  memory,
  memoryCheckpoints,
  memorySink,
  silentLogger,
  sum,
  tumbling,
  type CheckpointStorage,
  type JobEvent,
  type JobHandle,
  type Sink,
} from '../../src/index.ts';
import { directory, ndjson } from '../../src/node.ts';

interface Click {
  readonly user: string;
  readonly at: number;
}

const clicks: Click[] = Array.from({ length: 40_000 }, (_, i) => ({ user: `u${(i * 7) % 13}`, at: i * 10 }));
/** Records that a job sees before it is stopped: a quarter of all, and it takes some more until it has stopped. */
const BETWEEN_STOPS = clicks.length / 4;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'millrace-checkpoints-'));
  folders.push(made);
  return made;
}

function counting(sink: Sink<unknown>, recordsPerSecond?: number, onRecord: () => void = () => undefined) {
  const flow = dataflow('clicks');
  flow
    .from('clicks', memory(clicks), {
      watermarks: boundedOutOfOrderness('1s', (click) => click.at),
      ...(recordsPerSecond === undefined ? {} : { rateLimit: { recordsPerSecond } }),
    })
    .map((click) => {
      onRecord();
      return click;
    })
    .keyBy((click) => click.user)
    .window(tumbling('10s'))
    .aggregate({ clicks: count(), sum: sum((click) => click.at) })
    .to('out', sink);
  return flow;
}

async function straight(): Promise<unknown[]> {
  const out = memorySink<unknown>();
  await (
    await counting(out).run({ logger: silentLogger })
  ).done;
  return [...out.rows];
}

const stores: [string, () => CheckpointStorage][] = [
  ['memory', () => memoryCheckpoints()],
  ['a directory', () => directory(join(folder(), 'state'))],
];

describe.each(stores)('checkpoints in %s', (_name, make) => {
  it('a job that is stopped goes on where it was, and gives the same results in the same order', async () => {
    const checkpoints = make();
    const out = memorySink<unknown>();
    const ids: number[] = [];
    for (let starts = 1; ; starts++) {
      let handle: JobHandle | undefined = undefined;
      let left = BETWEEN_STOPS;
      // Asked to stop by a record, not by the clock: it happens as often on any machine.
      const onRecord = (): void => {
        if (--left <= 0 && handle !== undefined) void handle.stop();
      };
      handle = await counting(out, 100_000, onRecord).run({
        checkpoints,
        commitInterval: '20ms',
        logger: silentLogger,
        onEvent: (event: JobEvent) => {
          if (event.type === 'checkpoint') ids.push(event.id);
        },
      });
      await handle.done;
      const { operators } = handle.metrics();
      if (handle.status === 'finished') {
        expect(starts).toBeGreaterThan(2);
        expect(operators[0]?.in).toBe(clicks.length);
        expect(operators.map(({ missing }) => missing)).toEqual(operators.map(() => 0));
        break;
      }
      expect(handle.status).toBe('stopped');
    }
    expect(ids).toEqual(ids.map((_, i) => i + 1));
    expect(out.rows).toEqual(await straight());
  });

  it('a finished job stays finished, and starts over when asked to', async () => {
    const checkpoints = make();
    const out = memorySink<unknown>();
    const options = { checkpoints, logger: silentLogger };
    await (
      await counting(out).run(options)
    ).done;
    const rows = out.rows.length;
    const again = await counting(out).run(options);
    await again.done;
    expect(again.status).toBe('finished');
    expect(again.metrics().operators[0]?.in).toBe(clicks.length);
    expect(out.rows.length).toBe(rows);
    await (
      await counting(out).run({ ...options, fresh: true })
    ).done;
    expect(out.rows.length).toBe(2 * rows);
  });
});

it('files hold each line exactly once over stops', async () => {
  const place = folder();
  const checkpoints = directory(join(place, 'state'));
  const seen = new Map<string, string>();
  for (;;) {
    const handle = await counting(ndjson.sink(join(place, 'out')), 100_000).run({
      checkpoints,
      commitInterval: '20ms',
      logger: silentLogger,
      onEvent: (event) => {
        if (event.type === 'checkpoint' && event.id % 4 === 0) void handle.stop();
      },
    });
    await handle.done;
    for (const name of readdirSync(join(place, 'out')).filter((entry) => entry.startsWith('part-'))) {
      const text = readFileSync(join(place, 'out', name), 'utf8');
      expect(seen.get(name) ?? text).toBe(text);
      expect(name).toMatch(/^part-0-\d{10}-[0-9a-f-]{36}\.ndjson$/);
      seen.set(name, text);
    }
    if (handle.status === 'finished') break;
  }
  const lines = [...seen.keys()].sort().flatMap((name) => (seen.get(name) as string).trimEnd().split('\n'));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(await straight());
  expect(readdirSync(join(place, 'out')).filter((entry) => !entry.startsWith('part-'))).toEqual([]);
  expect(readdirSync(join(place, 'state', 'commits')).length).toBe(2);
});
