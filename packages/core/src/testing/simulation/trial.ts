import { messageOf } from '../../errors/index.ts';
import { seededRandom } from '../../internal/seeded-random.ts';
import {
  silentLogger,
  type ErrorPolicy,
  type JobEvent,
  type Machine,
  type ProcessId,
  type Random,
  type TaskMetrics,
} from '../../model/index.ts';
import type { Plan } from '../../plan/index.ts';
import { directory } from '../../platform/node/index.ts';
import { fixedDelay, Job } from '../../runtime/index.ts';
import { HeapBackend } from '../../state/index.ts';
import { Disk } from './disk.ts';
import { Faults, type FaultCounts } from './faults.ts';
import type { PlannedFault, Trace } from './fault-plan.ts';
import { PublishedFiles } from './published-files.ts';
import type { OutsideSystem, SystemClient, SystemRun } from './outside-system.ts';
import { PROTOCOL_STEPS, STATE } from './protocol-steps.ts';
import { simulatedFiles } from './simulated-files.ts';
import { SimulatedProcess, World } from './world.ts';

/** Random numbers of the outside system are its own. */
const SYSTEM_STREAM = 1;
/** Events after which a run is held to hang. */
const EVENTS_MAX = 400_000;
/** Starts after which a job is held not to come to its end. */
const STARTS_MAX = 200;

/** What is run. */
export interface TrialOptions {
  readonly plan: Plan;
  readonly seed: number;
  readonly onError: ErrorPolicy;
  readonly commitIntervalMs: number;
  readonly snapshotIntervalMs: number;
  /** Files that are there at the beginning, durably. */
  readonly files: Readonly<Record<string, string>>;
  readonly outside: OutsideSystem | undefined;
}

/** What came of a run. */
export interface TrialResult {
  /** Output by sink, or by place in the outside system. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
  readonly disk: Disk;
  readonly metrics: TaskMetrics | undefined;
  readonly trace: Trace;
  readonly commits: number;
  readonly counts: FaultCounts;
  /** Of the outside system. */
  readonly leftovers: readonly string[];
  /** What must not happen: a run that hangs, output that changed. */
  readonly problems: readonly string[];
}

interface Life {
  readonly process: SimulatedProcess;
  status: 'active' | 'finished' | 'failed';
  metrics: TaskMetrics | undefined;
}

/** One run of a job, over as many processes as it takes, on a disk and a clock of its own. */
export class Trial {
  private readonly o: TrialOptions;
  private readonly world = new World();
  private readonly disk = new Disk();
  private readonly random: Random;
  private readonly published: PublishedFiles;
  private readonly faults: Faults;
  private readonly system: SystemRun | undefined;
  private readonly lives: Life[] = [];
  private readonly problems: string[] = [];
  private lastError: unknown;
  private commits = 0;
  private ids = 0;

  constructor(options: TrialOptions, planned: readonly PlannedFault[]) {
    this.o = options;
    this.random = seededRandom(options.seed);
    this.published = new PublishedFiles(this.disk);
    const steps = [...PROTOCOL_STEPS, ...(options.outside?.steps ?? [])];
    // Numbers of their own: until its first fault a run is the same as the one without.
    this.faults = new Faults(planned, steps, seededRandom(options.seed + 1), {
      latencyMs: () => 1 + 6 * this.random.next(),
      committed: () => this.commits > 0,
      published: (path, process) => this.note(this.published.note(path), process),
      losePower: (random) => this.losePower(random),
      startSecond: () => void this.launch(),
      startAfterPause: (process, pausedMs) => this.resumeAfter(process, pausedMs),
      jumpClock: (ms) => this.jumpClock(ms),
    });
    for (const [path, text] of Object.entries(options.files)) this.putFile(path, text);
    // Neither killed nor paused: it is no process of the job.
    const forever = new SimulatedProcess(this.world, 0, this.random, () => undefined);
    this.system = options.outside?.begin({
      clock: forever,
      scheduler: forever,
      random: seededRandom(options.seed, SYSTEM_STREAM),
      committed: () => this.commits > 0,
      count: (fault) => this.faults.count(fault),
    });
  }

  async run(): Promise<TrialResult> {
    for (let events = 0; ; events++) {
      if (!this.lives.some(({ status, process }) => status === 'active' && process.state !== 'dead')) {
        if (this.lives.some(({ status }) => status === 'finished')) break;
        if (this.lives.length >= STARTS_MAX) {
          this.problems.push(
            `not finished after ${STARTS_MAX} starts; the last one failed: ${messageOf(this.lastError)}`,
          );
          break;
        }
        this.launch();
      }
      if (events > EVENTS_MAX || !(await this.world.step())) {
        this.problems.push('the job hangs: nothing moves any more');
        break;
      }
    }
    this.problems.push(...this.published.vanished());
    return {
      lines: new Map([...this.published.linesBySink(), ...(this.system?.lines() ?? [])]),
      leftovers: this.system?.leftovers() ?? [],
      disk: this.disk,
      metrics: this.lives.find(({ status }) => status === 'finished')?.metrics,
      trace: this.faults.trace,
      commits: this.commits,
      counts: this.faults.counts,
      problems: this.problems,
    };
  }

  private launch(): void {
    const number = this.lives.length + 1;
    const process = new SimulatedProcess(this.world, number, this.random, () => this.faults.turn(process));
    process.clockOffsetMs = this.lives.at(-1)?.process.clockOffsetMs ?? 0;
    const life: Life = { process, status: 'active', metrics: undefined };
    this.lives.push(life);
    void this.live(life).catch((error) => {
      life.status = 'failed';
      this.lastError = error;
    });
  }

  private async live(life: Life): Promise<void> {
    const { process } = life;
    const { plan, onError, commitIntervalMs, snapshotIntervalMs } = this.o;
    const random = seededRandom(this.o.seed + process.number);
    const { storage, resources } = this.system?.serve(this.client(process), directory(STATE)) ?? {
      storage: directory(STATE),
      resources: {},
    };
    const job = await Job.start(plan, {
      clock: process,
      scheduler: process,
      random,
      logger: silentLogger,
      onError,
      compile: undefined,
      development: false,
      machine: this.machine(process),
      resources,
      createState: (id, tracking) => new HeapBackend(id, { tracking }),
      checkpoints: {
        storage,
        guarantee: 'exactly-once',
        commitIntervalMs,
        snapshotIntervalMs,
        restart: fixedDelay({ attempts: 1_000, delay: 50 }),
        fresh: false,
        restoreFrom: undefined,
        acceptChanges: [],
      },
      alarms: undefined,
      onEvent: (event: JobEvent) => {
        if (event.type === 'checkpoint') this.commits++;
      },
      maxStateBytes: Infinity,
      newId: () => `attempt${++this.ids}`,
    });
    await job.done;
    life.metrics = job.metrics();
    life.status = job.status === 'finished' ? 'finished' : 'failed';
  }

  private client(process: SimulatedProcess): SystemClient {
    return {
      clock: process,
      scheduler: process,
      number: process.number,
      isAlive: () => process.state !== 'dead',
      deliver: (delayMs, run) => process.outside(delayMs, run),
      before: (step) => {
        this.faults.before({ place: 'system', step }, process);
        return this.faults.takeSystemFaults();
      },
      after: (step) => this.faults.after({ place: 'system', step }, process),
    };
  }

  private machine(process: SimulatedProcess): Machine {
    const self: ProcessId = { host: 'machine', boot: 'boot', pid: process.number, started: String(process.number) };
    const lives = this.lives;
    return {
      files: simulatedFiles(this.disk, process, this.faults),
      host: {
        self,
        isAlive: ({ pid }) => lives.some((life) => life.process.number === pid && isThere(life)),
      },
    };
  }

  private losePower(random: Random): void {
    for (const { process } of this.lives) process.die();
    const { lostWrites, tornWrites, lostNames } = this.disk.losePower(random);
    this.faults.count('lost write', lostWrites);
    this.faults.count('torn write', tornWrites);
    this.faults.count('lost name', lostNames);
    this.published.powerLost();
  }

  private resumeAfter(process: SimulatedProcess, pausedMs: number): void {
    const clock = new SimulatedProcess(this.world, 0, this.random, () => undefined);
    clock.outside(pausedMs, () => {
      if (process.state === 'paused') process.resume();
    });
    this.launch();
  }

  private jumpClock(ms: number): void {
    for (const { process } of this.lives) process.clockOffsetMs += ms;
  }

  private note(problem: string | undefined, process: SimulatedProcess): void {
    if (problem !== undefined) this.problems.push(`${problem} (process ${process.number})`);
  }

  private putFile(path: string, text: string): void {
    const folder = path.slice(0, path.lastIndexOf('/'));
    this.disk.makeFolder(folder);
    const inode = this.disk.create(path);
    inode.append(new TextEncoder().encode(text));
    inode.sync();
    for (let at = folder; ; at = at.slice(0, at.lastIndexOf('/'))) {
      this.disk.syncFolder(at === '' ? '/' : at);
      if (at === '') return;
    }
  }
}

/** A process that has ended its job has ended, too. */
function isThere({ status, process }: Life): boolean {
  return status === 'active' && process.state !== 'dead';
}
