import { execFile } from 'node:child_process';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 110_000;

/** Runs a program to its end. Variables of the npm that runs the tests do not reach it. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')),
  );
  const shell = process.platform === 'win32' && command === 'npm';
  return new Promise((done) => {
    const child = execFile(command, args, { cwd, env, shell, timeout: TIMEOUT_MS }, (_, stdout, stderr) => {
      done({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

/** Runs a Node program to its end. */
export function node(args: readonly string[], cwd: string): Promise<Ended> {
  return run(process.execPath, args, cwd);
}
