import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  checkOptions,
  messageOf,
  MillraceError,
  optionError,
  positiveDurationMs,
  type AlarmKind,
  type Duration,
  type JobHandle,
} from 'millrace';
import type { Registry } from 'prom-client';
import { Exporter } from './exporter.ts';
import { keepsUp, live, ready, type Health, type LagLimits } from './health.ts';

/** Options of `prometheus`. */
export interface PrometheusOptions {
  /** Port to listen at; 0: any that is free. Default 9464. */
  readonly port?: number;
  /** Address to listen at; `'0.0.0.0'` lets other machines in. Default `'127.0.0.1'`. */
  readonly host?: string;
  /** Path of the metrics. Default `'/metrics'`. */
  readonly path?: string;
  /** Above which values of a source `/health/lag` answers 503. The jobs' own alarms count in any case. Default: no limits. */
  readonly limits?: { readonly lag?: number; readonly watermarkLag?: Duration; readonly latency?: Duration };
  /** Partitions of a source with a label of their own; all others share `partition="other"`. Default 100. */
  readonly partitionsMax?: number;
}

/** A running endpoint. */
export interface PrometheusServer {
  /** Where the metrics are, such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  readonly port: number;
  /** The metrics as prom-client has them: to be merged with those of the program (`Registry.merge`). */
  readonly registry: Registry;
  /**
   * Shows the metrics of a job, until the function that it returns is called. To be called as soon as the job runs; a job that
   * has ended keeps its last figures.
   *
   * @param job value of the label `job`
   * @throws {MillraceError} `OPTION_INVALID` if a job of that name is shown already
   */
  watch(job: string, handle: JobHandle): () => void;
  /** Ends the endpoint. Nothing of it is left; jobs go on. */
  close(): Promise<void>;
}

const OPTIONS = ['port', 'host', 'path', 'limits', 'partitionsMax'];
const PORT = 9_464;
const PORT_MAX = 65_535;
const PARTITIONS = 100;

/**
 * Serves the metrics of the jobs of this process to Prometheus, and their health as JSON: `/health/live`, `/health/ready`,
 * `/health/lag` (200, or 503 where it is not well).
 *
 * @throws {MillraceError} `OPTION_INVALID`; `IO_FAILED` if it cannot listen there
 * @example
 * const endpoint = await prometheus({ port: 9464, limits: { lag: 10_000 } });
 * endpoint.watch('revenue', await flow.run());
 */
export async function prometheus(options: PrometheusOptions = {}): Promise<PrometheusServer> {
  checkOptions('prometheus()', options, OPTIONS);
  const { port = PORT, host = '127.0.0.1', path = '/metrics', partitionsMax = PARTITIONS } = options;
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX)
    throw optionError('port of prometheus()', port, `a whole number from 0 to ${PORT_MAX}`);
  if (typeof host !== 'string' || host === '') throw optionError('host of prometheus()', host, 'an address or a name');
  if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path) || path.startsWith('/health/'))
    throw optionError('path of prometheus()', path, "a path such as '/metrics', not below /health/");
  if (!Number.isInteger(partitionsMax) || partitionsMax < 0)
    throw optionError('partitionsMax of prometheus()', partitionsMax, 'a whole number, 0 or more');
  const limits = lagLimits(options.limits);
  const exporter = new Exporter(partitionsMax);
  const server = createServer((request, response) => {
    answer(exporter, path, limits, request, response).catch((error: unknown) => {
      send(response, 500, 'text/plain; charset=utf-8', `${messageOf(error)}\n`);
    });
  });
  const bound = await listen(server, port, host);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}${path}`,
    port: bound,
    registry: exporter.registry,
    watch: (job, handle) => exporter.watch(job, handle),
    close: () => close(server),
  };
}

async function answer(
  exporter: Exporter,
  path: string,
  limits: LagLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = (request.url ?? '').replace(/[?#].*$/, '');
  const health = healthOf(exporter, asked, limits);
  if (health === undefined && asked !== path) {
    send(response, 404, 'text/plain; charset=utf-8', `There is ${path}, /health/live, /health/ready, /health/lag.\n`);
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(response, 405, 'text/plain; charset=utf-8', 'Only GET.\n');
  } else if (health !== undefined) {
    send(response, health.ok ? 200 : 503, 'application/json', `${JSON.stringify(health.body)}\n`);
  } else {
    send(response, 200, exporter.registry.contentType, await exporter.registry.metrics());
  }
}

function healthOf({ watched }: Exporter, asked: string, limits: LagLimits): Health | undefined {
  if (asked === '/health/live') return live(watched);
  if (asked === '/health/ready') return ready(watched);
  return asked === '/health/lag' ? keepsUp(watched, limits) : undefined;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}

function lagLimits(limits: PrometheusOptions['limits']): LagLimits {
  const found = new Map<AlarmKind, number>();
  if (limits === undefined) return found;
  checkOptions('limits of prometheus()', limits, ['lag', 'watermarkLag', 'latency']);
  const { lag, watermarkLag, latency } = limits;
  if (lag !== undefined) {
    if (!Number.isSafeInteger(lag) || lag < 0)
      throw optionError('limits.lag of prometheus()', lag, 'a number of records, 0 or more');
    found.set('lag', lag);
  }
  if (watermarkLag !== undefined)
    found.set('watermarkLag', positiveDurationMs(watermarkLag, 'limits.watermarkLag of prometheus()'));
  if (latency !== undefined) found.set('latency', positiveDurationMs(latency, 'limits.latency of prometheus()'));
  return found;
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new MillraceError('IO_FAILED', {
          message: `prometheus() cannot listen at ${host}:${port}: ${messageOf(cause)}. Give it another port, or 0 for any.`,
          fields: { host, port },
          cause,
        }),
      );
    });
    // A server at a host and port has an address with a port.
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    // Prometheus keeps its connections open between scrapes.
    server.closeAllConnections();
  });
}
