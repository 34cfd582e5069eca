import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const PACKAGE = path.join(import.meta.dirname, '../..');
const MAIN = path.join(PACKAGE, '../cli/src/main.ts');
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** `millrace dlq` in a process of its own, which may be killed. */
export class DlqProcess {
  out = '';
  said = '';
  /** Exit code; `undefined` for one that was killed. */
  readonly ended: Promise<number | undefined>;
  private readonly child: ChildProcess;
  private lines = 0;
  private over = false;
  private listeners: (() => void)[] = [];

  /** Where the process stands it finds @millrace/kafka. */
  constructor(args: readonly string[]) {
    const node = ['--conditions=millrace-source', '--import', TSX, MAIN, 'dlq', ...args];
    this.child = spawn(process.execPath, node, { cwd: PACKAGE, stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = (): void => void this.child.kill('SIGKILL');
    process.on('exit', kill);
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('its outputs are pipes');
    stdout.on('data', (bytes: Buffer) => (this.out += bytes.toString()));
    createInterface({ input: stderr }).on('line', (line) => {
      this.said += `${line}\n`;
      if (/^\d+ given back$/.test(line)) this.lines++;
      this.changed();
    });
    this.ended = new Promise((resolve) =>
      this.child.on('close', (code) => {
        process.removeListener('exit', kill);
        this.over = true;
        this.changed();
        resolve(code ?? undefined);
      }),
    );
  }

  /** Resolves when it has told of so many transactions, or has ended. */
  async told(transactions: number): Promise<void> {
    while (this.lines < transactions && !this.over) await new Promise<void>((resolve) => this.listeners.push(resolve));
  }

  /** SIGKILL. Resolves to whether it was that which ended it. */
  async kill(): Promise<boolean> {
    this.child.kill('SIGKILL');
    return (await this.ended) === undefined;
  }

  private changed(): void {
    for (const listener of this.listeners.splice(0)) listener();
  }
}
