import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The root of the repository: where `npm start` runs. */
export const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));

const MAIN = path.join(ROOT, 'examples/revenue/main.ts');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningJob {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves once `pattern` was printed, or the process ended. */
  printed(pattern: RegExp): Promise<void>;
}

/** Starts the real job in a process of its own. */
export function startJob(args: readonly string[], cwd: string = ROOT): RunningJob {
  const child = spawn(process.execPath, ['--conditions=millrace-source', '--import', tsx(), MAIN, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const heard = () => listeners.forEach((listener) => listener());
  child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), heard()));
  child.stderr.setEncoding('utf8').on('data', (text: string) => ((stderr += text), heard()));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const printed = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (pattern.test(stdout) || pattern.test(stderr)) resolve();
      };
      listeners.add(look);
      look();
      finished.then(() => resolve(), reject);
    });
  return { child, finished, printed };
}

/** Runs the job to its end. */
export function runJob(args: readonly string[], cwd?: string): Promise<Finished> {
  return startJob(args, cwd).finished;
}

/** The loader by its place, so that a job in another folder finds it too. */
function tsx(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
