import { JobProcess } from '../../kafka/test/setup/job-process.ts';
import type { CountedProgram } from '../../kafka/test/programs/counted.ts';

/** Without progress for so long, while broker and job are up, a job is held to hang; milliseconds. */
const HANG_MS = 60_000;

/** One job over many processes, and what went wrong with it. */
export class WatchedJob {
  /** What should never have happened: a word on each. */
  readonly hangs: string[] = [];
  /** Lives that ended with an error the job got over by itself. */
  rollbacks = 0;
  /** What those errors said, and how often. */
  readonly reasons = new Map<string, number>();
  /** Records of the last commit that any of its processes has told of. */
  private highest = 0;
  private readonly program: (lives: number) => CountedProgram;
  private process: JobProcess | undefined;
  private lives = 0;
  private rolledBack = 0;

  constructor(program: (lives: number) => CountedProgram) {
    this.program = program;
  }

  start(): void {
    this.process = new JobProcess(this.program(this.lives++));
    this.rolledBack = 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.process?.signal(signal);
  }

  async kill(): Promise<void> {
    await this.process?.kill();
    this.look();
  }

  /** SIGTERM, and its end in good order. */
  async stop(): Promise<void> {
    const { process } = this;
    if (process === undefined) return;
    process.signal('SIGTERM');
    const code = await within(process.ended, HANG_MS);
    this.look();
    if (code === 0) return;
    this.hangs.push(code === LATE ? 'did not end after SIGTERM' : `ended with exit code ${String(code)}`);
    await process.kill();
  }

  /** Looks at what the job has told; what comes after is progress. */
  mark(): number {
    this.look();
    return this.highest;
  }

  /** Until it has committed at least `read` records; if it hangs or ends, that is noted, and another process begins. */
  async progress(read: number): Promise<number> {
    for (;;) {
      const { process } = this;
      if (process === undefined) throw new Error('the job is not running');
      let last = this.read;
      const waiting = process.until('checkpoint', (event) => event.read >= read).catch((error: unknown) => error);
      for (;;) {
        const found = await within(waiting, HANG_MS);
        this.look();
        if (found !== LATE && !(found instanceof Error)) return this.read;
        // Slowly is not a hang.
        if (found === LATE && this.read > last) {
          last = this.read;
          continue;
        }
        this.hangs.push(found === LATE ? `no progress behind ${last} for ${HANG_MS / 1_000} s` : String(found));
        break;
      }
      await process.kill();
      this.start();
    }
  }

  /** Records of the last commit that this process has told of; 0: none yet. */
  private get read(): number {
    return this.process?.of('checkpoint').at(-1)?.read ?? 0;
  }

  private look(): void {
    this.highest = Math.max(this.highest, this.read);
    const told = this.process?.of('restarting') ?? [];
    for (const { error } of told.slice(this.rolledBack)) {
      this.rollbacks++;
      this.reasons.set(error.message, (this.reasons.get(error.message) ?? 0) + 1);
      if (error.watchdog === true) this.hangs.push(`watchdog: ${error.message}`);
    }
    this.rolledBack = told.length;
  }
}

const LATE = Symbol('late');

/** What a promise resolves with, or `LATE`. */
async function within<R>(promise: Promise<R>, ms: number): Promise<R | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => (timer = setTimeout(() => resolve(LATE), ms)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
