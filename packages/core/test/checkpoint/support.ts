import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  memory,
  session,
  silentLogger,
  tumbling,
  type Dataflow,
  type JobHandle,
  type RunOptions,
  type Sink,
} from '../../src/index.ts';

export interface Click {
  readonly user: string;
  readonly at: number;
}

/** A new folder that is gone when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function copyOf(folder: string): string {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** All files below a folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Clicks per user: in windows of ten seconds, and in sessions. */
export function clickFlow(
  clicks: readonly Click[],
  windows: Sink<unknown>,
  sessions: Sink<unknown>,
  rate?: number,
): Dataflow {
  const flow = dataflow('clicks');
  const keyed = flow
    .from('clicks', memory(clicks), {
      watermarks: boundedOutOfOrderness('1s', (click) => click.at),
      ...(rate === undefined ? {} : { rateLimit: { recordsPerSecond: rate } }),
    })
    .keyBy((click) => click.user);
  keyed.window(tumbling('10s')).aggregate({ n: count() }).named('windows').to('out', windows);
  keyed
    .window(session('2s'))
    .reduce((a, b) => (a.at > b.at ? a : b))
    .named('sessions')
    .to('last', sessions);
  return flow;
}

/** Runs to the end of the job, or until it stops by itself. */
export async function runFlow(flow: Dataflow, options: RunOptions = {}): Promise<JobHandle> {
  const handle = await flow.run({ logger: silentLogger, ...options });
  await handle.done;
  return handle;
}
