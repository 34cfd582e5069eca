import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { prometheus, type PrometheusOptions } from '../../src/index.ts';
import { FAMILIES } from '../../src/families.ts';
import { ManualHandle, operatorReport, sourceReport } from '../manual-handle.ts';

async function endpoint(options: PrometheusOptions = {}) {
  const server = await prometheus({ port: 0, ...options });
  onTestFinished(() => server.close());
  const get = async (path: string) => {
    const response = await fetch(new URL(path, server.url));
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };
  const lines = async () =>
    (await get('/metrics')).text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { server, get, lines };
}

describe('the metrics', () => {
  it('are those of every job, by the label job, with help and type', async () => {
    const { server, get } = await endpoint();
    server.watch('one', new ManualHandle({ restarts: 2 }));
    server.watch('two', new ManualHandle());
    const { status, type, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('# HELP millrace_job_restarts_total Restarts after a failure, over all starts of the job\n');
    expect(text).toContain('# TYPE millrace_job_restarts_total counter\n');
    expect(text).toContain('millrace_job_restarts_total{job="one"} 2\nmillrace_job_restarts_total{job="two"} 0\n');
    expect(text).toContain('millrace_job_status{job="one",status="running"} 1\n');
    expect(text).toContain('millrace_job_status{job="one",status="failed"} 0\n');
  });

  it('have base units: seconds', async () => {
    const { server, lines } = await endpoint();
    const latency = {
      count: 3,
      sumMs: 2_500,
      maxMs: 2_000,
      buckets: [
        { leMs: 2.5, count: 1 },
        { leMs: Infinity, count: 3 },
      ],
      p50Ms: 1,
      p99Ms: 2,
    };
    server.watch('j', new ManualHandle({ runMs: 1_500, sources: [sourceReport({ latency, watermarkLagMs: 250 })] }));
    expect((await lines()).map(inOrder)).toEqual(
      expect.arrayContaining(
        [
          'millrace_job_run_seconds{job="j"} 1.5',
          'millrace_source_watermark_lag_seconds{job="j",source="orders"} 0.25',
          'millrace_source_latency_seconds_bucket{le="0.0025",job="j",source="orders"} 1',
          'millrace_source_latency_seconds_bucket{le="+Inf",job="j",source="orders"} 3',
          'millrace_source_latency_seconds_sum{job="j",source="orders"} 2.5',
          'millrace_source_latency_seconds_count{job="j",source="orders"} 3',
        ].map(inOrder),
      ),
    );
  });

  it('what is not known, or no number, is left out', async () => {
    const { server, lines } = await endpoint();
    server.watch('j', new ManualHandle({ sources: [sourceReport({ watermark: Infinity })] }));
    const all = (await lines()).join('\n');
    expect(all).not.toMatch(/NaN|undefined|bytes_total|watermark_timestamp|commits_total|lag/);
  });

  it('a counter never falls, where the figure of the job goes back to a checkpoint', async () => {
    const { server, lines } = await endpoint();
    const handle = new ManualHandle({ operators: [operatorReport({ in: 5 })] });
    server.watch('j', handle);
    const value = async () =>
      Number((await lines()).find((line) => line.startsWith('millrace_operator_records_in_total'))?.split(' ')[1]);
    const seen = [await value()];
    for (const now of [100, 60, 90, 120]) {
      handle.show({ operators: [operatorReport({ in: now })] });
      seen.push(await value());
    }
    expect(seen).toEqual([5, 100, 100, 130, 160]);
  });

  it('a job that goes on from a checkpoint begins at 0: what an earlier process did is not counted again', async () => {
    const { server, lines } = await endpoint();
    const resumedFrom = { id: 7, attempt: 'a', recordsIn: 1_000 };
    const handle = new ManualHandle({ resumedFrom, operators: [operatorReport({ in: 1_000 })] });
    server.watch('j', handle);
    handle.show({ operators: [operatorReport({ in: 1_003 })] });
    expect(await lines()).toContain('millrace_operator_records_in_total{job="j",operator="double",kind="map"} 3');
  });

  it('partitions beyond the limit share a label', async () => {
    const { server, lines } = await endpoint({ partitionsMax: 2 });
    const partitions = [5, 10, 20, 40].map((lag, i) => {
      return { id: `t-${i}`, watermark: 1_000 * (i + 1), idle: false, paused: false, ended: false, lag };
    });
    server.watch('j', new ManualHandle({ sources: [sourceReport({ partitions })] }));
    const all = await lines();
    expect(all.filter((line) => line.startsWith('millrace_source_lag_records'))).toEqual([
      'millrace_source_lag_records{job="j",source="orders",partition="t-0"} 5',
      'millrace_source_lag_records{job="j",source="orders",partition="t-1"} 10',
      'millrace_source_lag_records{job="j",source="orders",partition="other"} 60',
    ]);
    expect(all).toContain(
      'millrace_source_partition_watermark_timestamp_seconds{job="j",source="orders",partition="other"} 3',
    );
    expect(all).toContain('millrace_source_partitions{job="j",source="orders",state="active"} 4');
  });

  it('no family has labels other than those it declares', async () => {
    const { server, lines } = await endpoint();
    const partitions = [{ id: 't-0', watermark: 1, idle: false, paused: false, ended: false, lag: 3 }];
    const alarms = [{ source: 'orders', kind: 'lag' as const, value: 3, limit: 1, since: 0 }];
    const handle = new ManualHandle({ operators: [operatorReport()], sources: [sourceReport({ partitions })], alarms });
    server.watch('j', handle);
    for (const line of await lines()) {
      const [, name = '', labels = ''] = /^(\w+)\{(.*)\} /.exec(line) ?? [];
      const family = FAMILIES.find(
        (one) => one.name === name.replace(/_(?:bucket|sum|count)$/, '') || one.name === name,
      );
      const used = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le');
      expect(used.toSorted(), line).toEqual(family?.labels.toSorted());
    }
  });

  it('a job can be taken off, and its name given to another', async () => {
    const { server, lines } = await endpoint();
    const off = server.watch('j', new ManualHandle({ restarts: 1 }));
    expect(() => server.watch('j', new ManualHandle())).toThrow(/a job of that name is watched already/);
    off();
    expect(await lines()).toEqual([]);
    server.watch('j', new ManualHandle({ restarts: 4 }));
    expect(await lines()).toContain('millrace_job_restarts_total{job="j"} 4');
    // Whoever was taken off before does not take off the next one.
    off();
    expect(await lines()).toContain('millrace_job_restarts_total{job="j"} 4');
  });
});

describe('health', () => {
  it('live: no job has failed', async () => {
    const { server, get } = await endpoint();
    expect(await get('/health/live')).toMatchObject({ status: 200, type: 'application/json' });
    const handle = new ManualHandle();
    server.watch('j', handle);
    expect(JSON.parse((await get('/health/live')).text)).toEqual({ status: 'up', jobs: { j: 'running' } });
    handle.status = 'failed';
    expect(await get('/health/live')).toMatchObject({ status: 503, text: '{"status":"down","jobs":{"j":"failed"}}\n' });
  });

  it.each([
    ['running', 200],
    ['finished', 200],
    ['stopping', 503],
    ['stopped', 503],
    ['failed', 503],
  ] as const)('ready: a job that is %s is %i', async (status, code) => {
    const { server, get } = await endpoint();
    expect((await get('/health/ready')).status).toBe(503);
    const handle = new ManualHandle();
    server.watch('j', handle);
    handle.status = status;
    expect((await get('/health/ready')).status).toBe(code);
  });

  it('lag: 503 above a limit, naming it', async () => {
    const { server, get } = await endpoint({ limits: { lag: 10, watermarkLag: '5m' } });
    const handle = new ManualHandle({ sources: [sourceReport({ lag: 10, watermarkLagMs: 1_000 })] });
    server.watch('j', handle);
    expect((await get('/health/lag')).status).toBe(200);
    handle.show({ sources: [sourceReport({ lag: 11, watermarkLagMs: 300_001 })] });
    const { status, text } = await get('/health/lag');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({
      status: 'lags',
      jobs: { j: { orders: { lagRecords: 11, watermarkLagSeconds: 300.001, exceeded: ['lag', 'watermarkLag'] } } },
    });
  });

  it('lag: 503 while an alarm of a job is on', async () => {
    const { server, get } = await endpoint();
    const alarms = [{ source: 'orders', kind: 'latency' as const, value: 3_000, limit: 2_000, since: 0 }];
    server.watch('j', new ManualHandle({ sources: [sourceReport()], alarms }));
    expect(await get('/health/lag')).toMatchObject({ status: 503 });
  });
});

describe('the endpoint', () => {
  it('has its own path, and says what there is elsewhere', async () => {
    const { get } = await endpoint({ path: '/internal/metrics' });
    expect((await get('/internal/metrics?x=1')).status).toBe(200);
    expect(await get('/metrics')).toMatchObject({
      status: 404,
      text: expect.stringContaining('/internal/metrics') as string,
    });
  });

  it('only answers questions', async () => {
    const { server } = await endpoint();
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(server.url, { method: 'HEAD' })).status).toBe(200);
  });

  it('can be closed while a client keeps its connection, twice, and leaves its port', async () => {
    const server = await prometheus({ port: 0 });
    await (await fetch(server.url)).text();
    await server.close();
    await server.close();
    const again = await prometheus({ port: server.port });
    await again.close();
  });

  it('a port that is taken is an error that says so', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    await expect(prometheus({ port })).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringMatching(
        /cannot listen at 127\.0\.0\.1:\d+: .*EADDRINUSE.* Give it another port/,
      ) as string,
    });
  });

  it.each([
    [{ port: -1 }, /port of prometheus\(\) is -1/],
    [{ path: 'metrics' }, /path of prometheus\(\) is "metrics"/],
    [{ path: '/health/live' }, /not below \/health\//],
    [{ host: '' }, /host of prometheus\(\) is ""/],
    [{ limits: { lag: -1 } }, /limits\.lag of prometheus\(\) is -1/],
    [{ limits: { latency: 'x' } }, /limits\.latency of prometheus\(\) is "x"/],
    [{ partitionsMax: 0.5 }, /partitionsMax of prometheus\(\) is 0\.5/],
    [{ prot: 1 }, /made of port, host, path/],
  ])('%o is refused', async (options, message) => {
    // What programs without types may pass.
    await expect(prometheus(options as PrometheusOptions)).rejects.toThrow(message);
  });
});

/** Labels may come in any order. */
function inOrder(line: string): string {
  return line.split(/[{},]/).toSorted().join();
}
