/** What a real Prometheus reads from the endpoint, and gives back through its HTTP API. */
import { spawnSync } from 'node:child_process';
import {
  ascendingTimestamps,
  count,
  dataflow,
  deadLetter,
  generator,
  memory,
  memoryCheckpoints,
  memorySink,
  silentLogger,
  tumbling,
  type JobHandle,
} from 'millrace';
import { expect, inject, it, onTestFinished } from 'vitest';
import { promtool, start } from '../../../../scripts/services/prometheus.mjs';
import { withServer } from '../../../../scripts/with-server.mjs';
import { FAMILIES } from '../../src/families.ts';
import { prometheus } from '../../src/index.ts';

const withPrometheus = withServer(inject('prometheusMissing'));

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A live job with windows, dead letters, late records and checkpoints, of which nothing is random but the time it takes. */
async function liveJob(): Promise<JobHandle> {
  const flow = dataflow('live');
  const readings = flow
    .from(
      'readings',
      generator((i) => ({ id: i, time: 1_700_000_000_000 + 1_000 * (i % 50 === 48 ? i - 45 : i) })),
      {
        watermarks: ascendingTimestamps((r: { time: number }) => r.time),
        rateLimit: { records: 2_000 },
      },
    )
    .map((reading) => {
      if (reading.id % 10 === 9) throw new Error('broken');
      return reading;
    });
  readings
    .keyBy(({ id }) => id % 3)
    .window(tumbling('10s'))
    .aggregate({ n: count() })
    .named('windows')
    .to('out', memorySink());
  return flow.run({
    logger: silentLogger,
    onError: deadLetter(memorySink()),
    checkpoints: memoryCheckpoints(),
    commitInterval: '50ms',
    alarms: { watermarkLag: '1s', for: 0 },
  });
}

withPrometheus('a real Prometheus', () => {
  async function scraped() {
    const endpoint = await prometheus({ port: 0 });
    onTestFinished(() => endpoint.close());
    const live = await liveJob();
    endpoint.watch('live', live);
    const done = dataflow('done');
    done.from('numbers', memory([1, 2, 3])).to('rows', memorySink());
    const finished = await done.run({ logger: silentLogger });
    endpoint.watch('done', finished);
    await finished.done;
    const server = await start({ targets: [`127.0.0.1:${endpoint.port}`] });
    onTestFinished(() => server.stop());
    const query = async (text: string): Promise<readonly Series[]> => {
      const response = await fetch(`${server.url}/api/v1/query?query=${encodeURIComponent(text)}`);
      const { data } = (await response.json()) as { data: { result: readonly Series[] } };
      return data.result;
    };
    /** Asks until the answer is as wanted: scrapes come at their own time. */
    const until = async (text: string, wanted: (found: readonly Series[]) => boolean): Promise<readonly Series[]> => {
      for (;;) {
        const found = await query(text);
        if (wanted(found)) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    return { endpoint, live, server, query, until };
  }

  it('reads back what the jobs say of themselves', async () => {
    const { live, query, until, server } = await scraped();
    await until('millrace_commits_total{job="live"}', ([found]) => Number(found?.value[1]) >= 5);
    await until('millrace_source_alarm{job="live",kind="watermarkLag"}', ([found]) => found?.value[1] === '1');
    await live.stop();
    const { operators, sources, sinks, commits } = live.metrics();
    const value = async (text: string, wanted: number): Promise<void> => {
      const [found] = await until(text, ([one]) => Number(one?.value[1]) === wanted);
      expect(Number(found?.value[1]), text).toBe(wanted);
    };
    for (const { name, kind, in: came, out, deadLettered, late } of operators) {
      const labels = `{job="live",operator="${name}",kind="${kind}"}`;
      await value(`millrace_operator_records_in_total${labels}`, came);
      await value(`millrace_operator_records_out_total${labels}`, out);
      await value(`millrace_operator_dead_letters_total${labels}`, deadLettered);
      await value(`millrace_operator_records_late_total${labels}`, late);
    }
    expect(operators.some(({ deadLettered }) => deadLettered > 0)).toBe(true);
    expect(operators.some(({ late }) => late > 0)).toBe(true);
    const [source] = sources;
    await value('millrace_source_records_total{source="readings"}', source?.recordsRead ?? NaN);
    await value('millrace_source_latency_seconds_count{source="readings"}', source?.latency.count ?? NaN);
    await value('millrace_source_watermark_timestamp_seconds{source="readings"}', (source?.watermark ?? NaN) / 1_000);
    await value('millrace_commits_total{job="live"}', commits?.count ?? NaN);
    await value('millrace_commit_duration_seconds_count{job="live"}', commits?.duration.count ?? NaN);
    await value('millrace_sink_records_buffered{job="live",sink="out"}', sinks[0]?.buffered ?? NaN);
    await value('millrace_job_status{job="live",status="stopped"}', 1);
    await value('millrace_source_records_total{job="done"}', 3);
    // Records are years old: all of them lie beyond the last bucket.
    await value('millrace_source_latency_seconds_bucket{source="readings",le="3600"}', 0);
    expect(await query('up{job="millrace"} == 0')).toEqual([]);
    expect((await query('histogram_quantile(0.99, millrace_commit_duration_seconds_bucket{job="live"})')).length).toBe(
      1,
    );
    const targets = (await (await fetch(`${server.url}/api/v1/targets`)).json()) as {
      data: { activeTargets: readonly { health: string; lastError: string }[] };
    };
    expect(targets.data.activeTargets).toMatchObject([{ health: 'up', lastError: '' }]);
  });

  it('knows every metric by type and help', async () => {
    const { live, server, until } = await scraped();
    await until('millrace_commits_total{job="live"}', ([found]) => Number(found?.value[1]) >= 1);
    const response = await fetch(`${server.url}/api/v1/metadata`);
    const { data } = (await response.json()) as { data: Record<string, readonly { type: string; help: string }[]> };
    for (const { name, type, help } of FAMILIES)
      expect(data[name], name).toMatchObject([{ type: type === 'work' ? 'counter' : type, help }]);
    await live.stop();
  });

  it.skipIf(promtool() === undefined)('promtool finds nothing wrong with names, units and types', async () => {
    const { endpoint, live } = await scraped();
    const input = await (await fetch(endpoint.url)).text();
    const { status, stdout, stderr } = spawnSync(promtool() ?? '', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
    await live.stop();
  });
});
