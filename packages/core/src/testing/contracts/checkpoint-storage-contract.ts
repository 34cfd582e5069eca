import { silentLogger, type CheckpointName, type CheckpointStorage, type CheckpointStore } from '../../model/index.ts';
import { systemScheduler, systemClock } from '../../platform/web/index.ts';
import { requireSame, requireThat, type ContractCase } from './contract-case.ts';

/** A storage to be checked. */
export interface StorageUnderTest {
  readonly storage: CheckpointStorage;
  /** Called after each case. */
  dispose?(): void | Promise<void>;
}

/**
 * The protocols of `CheckpointStorage`, `CheckpointStore` and `CommitPoint` as cases for any test framework.
 *
 * @param make makes a storage with nothing in it
 * @example
 * for (const { name, run } of checkpointStorageContract(() => ({ storage: memoryCheckpoints() }))) test(name, run);
 */
export function checkpointStorageContract(
  make: () => StorageUnderTest | Promise<StorageUnderTest>,
): readonly ContractCase[] {
  return CASES.map(([name, check]) => ({
    name,
    async run() {
      const made = await make();
      try {
        await check(made.storage);
      } finally {
        await made.dispose?.();
      }
    },
  }));
}

type Check = (storage: CheckpointStorage) => Promise<void>;

const CASES: readonly (readonly [name: string, check: Check])[] = [
  ['has nothing to begin with', beginsEmpty],
  ['gives back what was committed, also when it is opened again', givesBack],
  ['takes nothing for committed that was only written', writtenIsNotCommitted],
  ['has the latest of several commits, and all that are kept', latest],
  ['refuses a number that another attempt has committed', fences],
  ['refuses a number below one that is committed, although it was discarded', fencesOld],
  ['keeps a segment as long as it is named, and discards what is not', discards],
  ['leaves later checkpoints alone when it discards', leavesLater],
  ['says what is missing', missing],
  ['keeps a note', note],
  ['forgets everything when it is cleared', clears],
  ['has one owner at a time', oneOwner],
];

async function open(storage: CheckpointStorage, token: string): Promise<CheckpointStore> {
  return storage.open({
    job: 'job',
    token,
    clock: systemClock,
    scheduler: systemScheduler,
    logger: silentLogger,
    machine: undefined,
    onLost: () => undefined,
  });
}

async function using(storage: CheckpointStorage, token: string, work: (store: CheckpointStore) => Promise<void>) {
  const store = await open(storage, token);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

const named = (id: number, attempt: string): CheckpointName => ({ id, attempt });
const digest = '01234567';

async function write(store: CheckpointStore, name: CheckpointName): Promise<string> {
  const segment = await store.createSegment(name);
  await segment.append(Uint8Array.of(name.id, 1, 2));
  await segment.append(Uint8Array.of(3));
  await segment.finish();
  await store.writeManifest(name, Uint8Array.of(9, name.id));
  return segment.file;
}

async function commit(store: CheckpointStore, name: CheckpointName): Promise<string> {
  const file = await write(store, name);
  await store.commitPoint.commit({ ...name, digest }, []);
  return file;
}

async function bytesOf(store: CheckpointStore, file: string): Promise<number[]> {
  const bytes: number[] = [];
  for await (const piece of store.readSegment(file)) bytes.push(...piece);
  return bytes;
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
}

async function beginsEmpty(storage: CheckpointStorage): Promise<void> {
  requireThat(storage.retained >= 1, 'at least one checkpoint is kept');
  await using(storage, 't', async (store) => {
    requireSame(await store.commitPoint.latest(), undefined, 'latest commit');
    requireSame(await store.commits(), [], 'commits');
    requireSame(await store.readNote(), undefined, 'note');
  });
}

async function givesBack(storage: CheckpointStorage): Promise<void> {
  const name = named(1, 'a');
  let file = '';
  const check = async (store: CheckpointStore): Promise<void> => {
    requireSame(await store.commitPoint.latest(), { ...name, digest }, 'latest commit');
    requireSame([...(await store.readManifest(name))], [9, 1], 'manifest');
    requireSame(await bytesOf(store, file), [1, 1, 2, 3], 'segment');
  };
  await using(storage, 't', async (store) => {
    file = await commit(store, name);
    await check(store);
  });
  await using(storage, 'u', check);
}

async function writtenIsNotCommitted(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', async (store) => {
    await commit(store, named(1, 'a'));
    await write(store, named(2, 'a'));
    requireSame((await store.commitPoint.latest())?.id, 1, 'latest commit');
  });
  await using(storage, 'u', async (store) => requireSame((await store.commits()).length, 1, 'number of commits'));
}

async function latest(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', async (store) => {
    for (const id of [1, 2, 9, 10, 11]) await commit(store, named(id, 'a'));
    requireSame((await store.commitPoint.latest())?.id, 11, 'latest commit');
    const ids = (await store.commits()).map(({ id }) => id);
    requireSame(ids, [11, 10, 9, 2, 1], 'commits, newest first');
  });
}

async function fences(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', async (store) => {
    await commit(store, named(1, 'a'));
    await write(store, named(1, 'b'));
    const code = await codeOf(store.commitPoint.commit({ ...named(1, 'b'), digest }, []));
    requireSame(code, 'CHECKPOINT_FENCED', 'a second attempt');
    requireSame((await store.commitPoint.latest())?.attempt, 'a', 'the attempt that was first');
  });
}

async function fencesOld(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', async (store) => {
    for (const id of [1, 2, 3]) await commit(store, named(id, 'a'));
    await store.discard({ checkpoints: [named(3, 'a')], segments: [], upTo: 3 });
    await write(store, named(2, 'b'));
    const code = await codeOf(store.commitPoint.commit({ ...named(2, 'b'), digest }, []));
    requireSame(code, 'CHECKPOINT_FENCED', 'a number whose commit was discarded');
    requireSame((await store.commitPoint.latest())?.id, 3, 'latest commit');
  });
}

async function discards(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', async (store) => {
    const first = await commit(store, named(1, 'a'));
    const second = await commit(store, named(2, 'a'));
    await write(store, named(3, 'lost'));
    await commit(store, named(3, 'a'));
    await store.discard({ checkpoints: [named(3, 'a')], segments: [first], upTo: 3 });
    requireSame(await bytesOf(store, first), [1, 1, 2, 3], 'a segment that is named');
    requireSame(await codeOf(bytesOf(store, second)), 'CHECKPOINT_MISSING', 'a segment that is not');
    requireSame(await codeOf(store.readManifest(named(2, 'a'))), 'CHECKPOINT_MISSING', 'a manifest that is not kept');
    requireSame(await codeOf(store.readManifest(named(3, 'lost'))), 'CHECKPOINT_MISSING', 'an orphan');
    requireSame(
      (await store.commits()).map(({ id }) => id),
      [3],
      'commits',
    );
  });
}

async function leavesLater(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', async (store) => {
    await commit(store, named(1, 'a'));
    await write(store, named(2, 'next'));
    await store.discard({ checkpoints: [named(1, 'a')], segments: [], upTo: 1 });
    requireSame([...(await store.readManifest(named(2, 'next')))], [9, 2], 'a checkpoint being written');
  });
}

async function missing(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', async (store) => {
    requireSame(await codeOf(store.readManifest(named(7, 'x'))), 'CHECKPOINT_MISSING', 'a manifest');
    requireSame(await codeOf(bytesOf(store, 'chk-7-x/state.seg')), 'CHECKPOINT_MISSING', 'a segment');
    requireThat(store.manifestFile(named(7, 'x')).includes('7'), 'the name of a manifest tells which it is');
  });
}

async function note(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', (store) => store.writeNote({ restarts: 1 }));
  await using(storage, 'u', async (store) => {
    requireSame(await store.readNote(), { restarts: 1 }, 'note');
    await store.writeNote({ restarts: 2 });
    requireSame(await store.readNote(), { restarts: 2 }, 'note that was replaced');
  });
}

async function clears(storage: CheckpointStorage): Promise<void> {
  await using(storage, 't', async (store) => {
    for (const id of [1, 2]) await commit(store, named(id, 'a'));
    await store.writeNote({ restarts: 1 });
    await store.clear();
    requireSame(await store.commitPoint.latest(), undefined, 'latest commit');
    requireSame(await store.readNote(), undefined, 'note');
    await commit(store, named(1, 'b'));
    requireSame((await store.commitPoint.latest())?.attempt, 'b', 'a commit after that');
  });
}

async function oneOwner(storage: CheckpointStorage): Promise<void> {
  const first = await open(storage, 'first');
  requireSame(await codeOf(open(storage, 'second')), 'CHECKPOINT_OWNED', 'a second owner');
  await first.close();
  await (await open(storage, 'third')).close();
}
