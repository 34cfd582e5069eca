import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CountedProgram, ProgramEvent } from '../programs/counted.ts';

const PROGRAM = fileURLToPath(new URL('../programs/counted.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

type EventOf<T extends ProgramEvent['type']> = Extract<ProgramEvent, { readonly type: T }>;

/** A job that runs in a process of its own; none outlives the process that started it. */
export class JobProcess {
  /** Everything it has told so far. */
  readonly events: ProgramEvent[] = [];
  /** Exit code; `undefined` for one that was killed. */
  readonly ended: Promise<number | undefined>;
  over = false;
  private readonly child: ChildProcess;
  private errors = '';
  private listeners: (() => void)[] = [];

  constructor(program: CountedProgram) {
    const args = ['--conditions=millrace-source', '--import', TSX, PROGRAM, JSON.stringify(program)];
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stderr?.on('data', (bytes: Buffer) => (this.errors = (this.errors + bytes.toString()).slice(-4_000)));
    const kill = (): void => void this.child.kill('SIGKILL');
    process.on('exit', kill);
    if (this.child.stdout === null) throw new Error('its output is a pipe');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line) as ProgramEvent);
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

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** SIGKILL, and it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  of<T extends ProgramEvent['type']>(type: T): readonly EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Resolves with the first event of a type, told or to be told, for which `is` holds; rejects if the process ends before. */
  async until<T extends ProgramEvent['type']>(
    type: T,
    is: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    for (;;) {
      const found = this.of(type).find(is);
      if (found !== undefined) return found;
      if (this.over)
        throw new Error(`the job ended before '${type}': ${JSON.stringify(this.events.at(-1))} ${this.errors}`);
      await new Promise<void>((resolve) => this.listeners.push(resolve));
    }
  }

  private changed(): void {
    for (const listener of this.listeners.splice(0)) listener();
  }
}
