import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long a program may take to say its next line, unless told otherwise, milliseconds. */
const LINE_MS = 120_000;
/** How long it may take to end once it was told to, milliseconds. */
const ENDING_MS = 60_000;

/** A Node program that runs beside the bench: it says lines on stdout, and ends when it is told to by the end of its stdin. */
export class Partner {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly what: string;
  private readonly lines: string[] = [];
  private waiting: (() => void) | undefined;
  private said = '';
  private code: number | null | undefined;
  private readonly closed: Promise<void>;

  constructor(args: readonly string[], cwd: string) {
    this.what = `node ${args.join(' ')}`;
    this.child = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    this.pid = this.child.pid ?? -1;
    const { stdin, stdout, stderr } = this.child;
    // A program that has ended is found out by its next line.
    stdin?.on('error', () => undefined);
    stderr?.on('data', (chunk: Buffer) => (this.said = (this.said + chunk.toString()).slice(-4_000)));
    if (stdout !== null) {
      createInterface({ input: stdout }).on('line', (line) => {
        this.lines.push(line);
        this.waiting?.();
      });
    }
    this.closed = new Promise((resolve) => {
      this.child.on('close', (code) => {
        this.code = code;
        this.waiting?.();
        resolve();
      });
    });
  }

  /** The next line that it says; an error if it ends or says nothing for too long. */
  async next(limitMs: number = LINE_MS): Promise<string> {
    const end = performance.now() + limitMs;
    for (;;) {
      const line = this.lines.shift();
      if (line !== undefined) return line;
      if (this.code !== undefined) throw new Error(`${this.what} ended with ${this.code}: ${this.said}`);
      const left = end - performance.now();
      if (left <= 0) throw new Error(`${this.what} has said nothing for ${limitMs} ms: ${this.said}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.waiting = undefined;
    }
  }

  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Tells it to end, and waits until it has. */
  async end(): Promise<void> {
    this.child.stdin?.end();
    await this.closed;
  }

  /** Ends it whatever it does. */
  async kill(): Promise<void> {
    if (this.code === undefined) this.child.kill('SIGKILL');
    await this.closed;
  }
}

/** What the other side of a `Partner` sees. */
export const bench = {
  say: (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`),
  /** Calls back for each line that is told; resolves when there will be no more, because it was told to end or its bench died. */
  listen: (told: (line: string) => void = () => undefined): Promise<void> =>
    new Promise((resolve) => {
      createInterface({ input: process.stdin })
        .on('line', told)
        .on('close', () => {
          // Where the broker has died as well, a job may never come to its end.
          setTimeout(() => process.exit(1), ENDING_MS).unref();
          resolve();
        });
    }),
};
