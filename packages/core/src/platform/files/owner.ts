import { messageOf, MillraceError } from '../../errors/index.ts';
import { openSealedJson, sealJson } from '../../internal/sealed-json.ts';
import type { Cancellable, FileSystem, Machine, ProcessId, StorageContext } from '../../model/index.ts';
import { codeOf } from './file-error.ts';
import { replaceFile, tidy } from './write-file.ts';

/*
 * `owner`: who works with a checkpoint folder. Sealed JSON (internal/sealed-json.ts):
 *
 *   { "format": 1, "host": "...", "boot": "...", "pid": 4711, "started": "...", "token": "6f1c...", "heartbeat": 12 }
 *
 * `token` is one start of a job, `heartbeat` a number that rises while it lives. The record keeps people from starting a
 * job twice; what keeps results right is the exclusive commit, whatever stands here.
 */
interface OwnerRecord extends ProcessId {
  readonly format: 1;
  readonly token: string;
  readonly heartbeat: number;
}

/** Between two heartbeats. A second start learns within two of them that the first one lives. */
const HEARTBEAT_MS = 1_000;
/** Without a heartbeat for so long an owner is held to be gone: it may be paused, but then it is fenced. */
const LEASE_MS = 10_000;
/** Between two looks at another one's heartbeat. */
const LOOK_MS = 250;

/** Owners in this very process, by token: their death is known at once. */
const livingTokens = new Set<string>();

/** The owner of a checkpoint folder, as long as it is not released. */
export class Owner {
  private readonly folder: string;
  private readonly path: string;
  private readonly machine: Machine;
  private readonly context: StorageContext;
  private readonly token: string;
  private heartbeat = 0;
  private timer: Cancellable | undefined;
  private beating: Promise<void> = Promise.resolve();
  private released = false;

  private constructor(folder: string, machine: Machine, context: StorageContext) {
    this.folder = folder;
    this.path = `${folder}/owner`;
    this.machine = machine;
    this.context = context;
    this.token = context.token;
  }

  /**
   * Takes the folder over: at once if nobody has it or its owner's process is gone, after the lease if that cannot be known.
   *
   * @throws MillraceError `CHECKPOINT_OWNED` if the owner's heartbeat goes on
   */
  static async acquire(folder: string, machine: Machine, context: StorageContext): Promise<Owner> {
    const owner = new Owner(folder, machine, context);
    await owner.waitForOther();
    await owner.write();
    livingTokens.add(owner.token);
    owner.schedule();
    return owner;
  }

  async release(): Promise<void> {
    this.released = true;
    this.timer?.cancel();
    livingTokens.delete(this.token);
    await this.beating;
    // A record that stays does no harm: its process will be gone.
    await tidy(async () => {
      const record = await this.read();
      if (record?.token === this.token) await this.files.remove(this.path);
      await removeLeftovers(this.folder, this.files, (token) => token === this.token);
    });
  }

  /** @throws MillraceError `CHECKPOINT_FENCED` if another process has taken the folder over */
  async require(): Promise<void> {
    const record = await this.read();
    if (record !== undefined && record.token !== this.token) throw this.lost(record);
  }

  private get files(): FileSystem {
    return this.machine.files;
  }

  private async waitForOther(): Promise<void> {
    const { clock, scheduler, logger } = this.context;
    const first = await this.read();
    if (first === undefined || this.isGone(first)) return;
    if (livingTokens.has(first.token)) throw this.owned(first);
    const since = clock.monotonic();
    let told = false;
    for (;;) {
      const now = await this.read();
      if (now === undefined || this.isGone(now)) return;
      if (now.token !== first.token || now.heartbeat !== first.heartbeat) throw this.owned(now);
      if (clock.monotonic() - since >= LEASE_MS) return;
      if (!told && clock.monotonic() - since >= 2 * HEARTBEAT_MS) {
        told = true;
        logger.info(
          `${this.path}: process ${now.pid} on ${now.host} had this job and shows no sign of life; ` +
            `taking it over in ${Math.ceil((LEASE_MS - 2 * HEARTBEAT_MS) / 1_000)} s unless it does`,
        );
      }
      await new Promise<void>((resolve) => void scheduler.after(LOOK_MS, resolve));
    }
  }

  private isGone(record: OwnerRecord): boolean {
    const { host } = this.machine;
    if (isSame(record, host.self)) return !livingTokens.has(record.token);
    return host.isAlive(record) === false;
  }

  private async read(): Promise<OwnerRecord | undefined> {
    try {
      return openSealedJson(await this.files.read(this.path), this.path) as OwnerRecord;
    } catch (error) {
      // Cut short by a loss of power: whoever wrote it is gone.
      if (error instanceof MillraceError || codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  private async write(): Promise<void> {
    const { host, boot, pid, started } = this.machine.host.self;
    this.heartbeat++;
    const record: OwnerRecord = { format: 1, host, boot, pid, started, token: this.token, heartbeat: this.heartbeat };
    await replaceFile(this.files, this.path, `${this.path}.${this.token}.tmp`, sealJson(record));
  }

  private schedule(): void {
    if (this.released) return;
    this.timer = this.context.scheduler.after(HEARTBEAT_MS, () => {
      this.beating = this.beat().finally(() => this.schedule());
    });
  }

  /** A heartbeat that cannot be written is no reason to stop: the next one may, and commits do not rest on it. */
  private async beat(): Promise<void> {
    try {
      const record = await this.read();
      if (record !== undefined && record.token !== this.token) {
        this.released = true;
        this.context.onLost(this.lost(record));
        return;
      }
      await this.write();
    } catch (error) {
      this.context.logger.warn(`${this.path} cannot be written: ${messageOf(error)}`);
    }
  }

  private owned({ pid, host }: OwnerRecord): MillraceError {
    return new MillraceError('CHECKPOINT_OWNED', {
      message: `Job '${this.context.job}' is running already: process ${pid} on ${host} has ${this.path}. Stop that one first.`,
      fields: { pid, host, path: this.path },
    });
  }

  private lost({ pid, host }: OwnerRecord): MillraceError {
    return new MillraceError('CHECKPOINT_FENCED', {
      message: `Process ${pid} on ${host} has taken job '${this.context.job}' over while this one was paused. This one stops.`,
      fields: { pid, host, path: this.path },
    });
  }
}

/** What was being written when a process was killed, or a disk failed: heartbeats, and notes that nobody else writes now. */
export async function removeLeftovers(
  folder: string,
  files: FileSystem,
  isOver: (token: string) => boolean,
): Promise<void> {
  for (const name of await files.list(folder)) {
    const token = /^owner\.(.+)\.tmp$/.exec(name)?.[1];
    const leftover = name === 'note.tmp' || (token !== undefined && isOver(token));
    if (leftover) await files.remove(`${folder}/${name}`);
  }
}

function isSame(a: ProcessId, b: ProcessId): boolean {
  return a.host === b.host && a.boot === b.boot && a.pid === b.pid && a.started === b.started;
}
