import { MillraceError } from '../errors/index.ts';
import type {
  CheckpointName,
  CheckpointStorage,
  CheckpointStore,
  CommitRecord,
  JsonValue,
  Kept,
  StorageContext,
} from '../model/index.ts';

/** Checkpoints kept beside the last one: none. Whoever tests wants to see what is left over. */
const RETAINED = 1;

/**
 * Keeps checkpoints in this process: a job that fails goes on from them, a process that ends loses them. For tests, and for
 * jobs that shall survive errors but need not survive the process.
 *
 * @example
 * const handle = await flow.run({ checkpoints: memoryCheckpoints(), commitInterval: '100ms' });
 */
export function memoryCheckpoints(): CheckpointStorage {
  const memory = new Memory();
  return Object.freeze({
    kind: 'memory',
    retained: RETAINED,
    open: (context: StorageContext) => Promise.resolve().then(() => memory.open(context)),
  });
}

class Memory {
  readonly manifests = new Map<string, Uint8Array>();
  readonly segments = new Map<string, Uint8Array[]>();
  commits: CommitRecord[] = [];
  note: JsonValue | undefined;
  private owner: string | undefined;

  open({ job }: StorageContext): CheckpointStore {
    if (this.owner !== undefined) {
      throw new MillraceError('CHECKPOINT_OWNED', {
        message: `These checkpoints are in use by a running job '${this.owner}'. Stop it first, or give this one its own.`,
      });
    }
    this.owner = job;
    return new MemoryStore(this);
  }

  release(): void {
    this.owner = undefined;
  }
}

const keyOf = ({ id, attempt }: CheckpointName): string => `chk-${id}-${attempt}`;

class MemoryStore implements CheckpointStore {
  readonly place = 'memory';
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  readonly commitPoint = {
    commit: (record: CommitRecord): Promise<void> => this.commit(record),
    latest: async (): Promise<CommitRecord | undefined> => this.memory.commits[0],
  };

  async createSegment(name: CheckpointName) {
    const file = `${keyOf(name)}/state.seg`;
    const pieces: Uint8Array[] = [];
    return {
      file,
      append: async (bytes: Uint8Array) => void pieces.push(bytes.slice()),
      finish: async () => void this.memory.segments.set(file, pieces),
      abort: async () => undefined,
    };
  }

  manifestFile(name: CheckpointName): string {
    return `${keyOf(name)}/manifest`;
  }

  async writeManifest(name: CheckpointName, bytes: Uint8Array): Promise<void> {
    this.memory.manifests.set(keyOf(name), bytes.slice());
  }

  async readManifest(name: CheckpointName): Promise<Uint8Array> {
    return this.memory.manifests.get(keyOf(name)) ?? missing(this.manifestFile(name));
  }

  async *readSegment(file: string): AsyncIterable<Uint8Array> {
    yield* this.memory.segments.get(file) ?? missing(file);
  }

  async commits(): Promise<readonly CommitRecord[]> {
    return this.memory.commits;
  }

  async discard({ checkpoints, segments, upTo }: Kept): Promise<void> {
    const { memory } = this;
    const kept = new Set(checkpoints.map(keyOf));
    memory.commits = memory.commits.filter((commit) => kept.has(keyOf(commit)) || commit.id > upTo);
    for (const key of [...memory.manifests.keys()])
      if (!kept.has(key) && idOf(key) <= upTo) memory.manifests.delete(key);
    for (const file of [...memory.segments.keys()]) {
      if (!segments.includes(file) && idOf(file) <= upTo) memory.segments.delete(file);
    }
  }

  async readNote(): Promise<JsonValue | undefined> {
    return this.memory.note;
  }

  async writeNote(note: JsonValue): Promise<void> {
    this.memory.note = note;
  }

  async clear(): Promise<void> {
    this.memory.manifests.clear();
    this.memory.segments.clear();
    this.memory.commits = [];
    this.memory.note = undefined;
  }

  async close(): Promise<void> {
    this.memory.release();
  }

  private async commit(record: CommitRecord): Promise<void> {
    const { memory } = this;
    const highest = memory.commits[0]?.id ?? 0;
    if (record.id <= highest) {
      throw new MillraceError('CHECKPOINT_FENCED', {
        message: `Checkpoint ${record.id} is committed already: another attempt has taken the job over.`,
      });
    }
    memory.commits = [record, ...memory.commits];
  }
}

function idOf(file: string): number {
  return Number(file.split('-')[1]);
}

function missing(file: string): never {
  throw new MillraceError('CHECKPOINT_MISSING', { message: `${file} does not exist.`, fields: { path: file } });
}
