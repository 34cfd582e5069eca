import { spawn } from 'node:child_process';

export interface Ran {
  readonly wallMs: number;
  readonly stdout: string;
}

/** Runs a Node program to its end and measures it as a whole, start of Node included. */
export function runNode(args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      const wallMs = performance.now() - started;
      if (code === 0) resolve({ wallMs, stdout });
      else reject(new Error(`node ${args.join(' ')} ended with ${code}: ${stderr.slice(-2_000)}`));
    });
  });
}
