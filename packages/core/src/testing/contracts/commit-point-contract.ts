import type { CheckpointName, CommitPoint } from '../../model/index.ts';
import { requireSame, requireThat, type ContractCase } from './contract-case.ts';

/** A process that has the job. */
export interface CommitterUnderTest {
  readonly commitPoint: CommitPoint;
  /** Makes a checkpoint's manifest durable, as happens before its commit. */
  readonly write: (name: CheckpointName) => Promise<void>;
}

/** A commit point to be checked. */
export interface CommitPointUnderTest {
  /**
   * A process takes the job over. Its predecessor is left as it is: killed, or paused and about to go on. `latest` is the first
   * thing it is asked.
   */
  begin(): Promise<CommitterUnderTest>;
  /** Called after each case. */
  dispose?(): void | Promise<void>;
}

/**
 * The protocol of `CommitPoint` as cases for any test framework.
 *
 * @param make makes a commit point at which nothing was committed, for each case
 * @example
 * const storage = memoryCheckpoints();
 * const context = { job: 'job', token: 't', machine: undefined, onLost: () => {}, logger: silentLogger };
 * const begin = async () => {
 *   const store = await storage.open({ ...context, clock: new VirtualTime(), scheduler: new VirtualTime() });
 *   return { commitPoint: store.commitPoint, write: (name: CheckpointName) => store.writeManifest(name, new Uint8Array(1)) };
 * };
 * for (const { name, run } of commitPointContract(() => ({ begin }))) test(name, run);
 */
export function commitPointContract(
  make: () => CommitPointUnderTest | Promise<CommitPointUnderTest>,
): readonly ContractCase[] {
  return CASES.map(([name, check]) => ({
    name,
    async run() {
      const made = await make();
      try {
        await check(made);
      } finally {
        await made.dispose?.();
      }
    },
  }));
}

type Check = (made: CommitPointUnderTest) => Promise<void>;

const CASES: readonly (readonly [name: string, check: Check])[] = [
  ['has nothing to begin with', beginsEmpty],
  ['has what was committed last', hasTheLast],
  ['takes nothing for committed that was only written', writtenIsNotCommitted],
  ['tells a successor what was committed last, and goes on from there', successor],
  ['gives a number to one attempt only, and a paused predecessor never gets it', oneAttempt],
  ['does not go back: a predecessor cannot commit a number that was passed', passed],
];

const digest = '01234567';
const named = (id: number, attempt: string): CheckpointName => ({ id, attempt });

async function commit({ commitPoint, write }: CommitterUnderTest, name: CheckpointName): Promise<void> {
  await write(name);
  await commitPoint.commit({ ...name, digest }, []);
}

async function requireLatest({ commitPoint }: CommitterUnderTest, name: CheckpointName, what: string): Promise<void> {
  requireSame(await commitPoint.latest(), { ...name, digest }, what);
}

async function beginsEmpty(made: CommitPointUnderTest): Promise<void> {
  const first = await made.begin();
  requireSame(await first.commitPoint.latest(), undefined, 'latest commit');
}

async function hasTheLast(made: CommitPointUnderTest): Promise<void> {
  const first = await made.begin();
  await first.commitPoint.latest();
  for (const id of [1, 2, 9, 10]) await commit(first, named(id, 'a'));
  await requireLatest(first, named(10, 'a'), 'latest commit');
}

async function writtenIsNotCommitted(made: CommitPointUnderTest): Promise<void> {
  const first = await made.begin();
  await first.commitPoint.latest();
  await commit(first, named(1, 'a'));
  await first.write(named(2, 'a'));
  await requireLatest(await made.begin(), named(1, 'a'), 'latest commit for a successor');
}

async function successor(made: CommitPointUnderTest): Promise<void> {
  const first = await made.begin();
  await first.commitPoint.latest();
  await commit(first, named(1, 'a'));
  const second = await made.begin();
  await requireLatest(second, named(1, 'a'), 'latest commit of the predecessor');
  await commit(second, named(2, 'b'));
  await requireLatest(await made.begin(), named(2, 'b'), 'latest commit of the successor');
}

async function oneAttempt(made: CommitPointUnderTest): Promise<void> {
  const first = await made.begin();
  await first.commitPoint.latest();
  await commit(first, named(1, 'a'));
  const second = await made.begin();
  await second.commitPoint.latest();
  await commit(second, named(2, 'b'));
  await requireRejected(commit(first, named(2, 'a')), 'the number of another attempt');
  await requireLatest(await made.begin(), named(2, 'b'), 'latest commit');
}

async function passed(made: CommitPointUnderTest): Promise<void> {
  const first = await made.begin();
  await first.commitPoint.latest();
  await commit(first, named(1, 'a'));
  const second = await made.begin();
  await second.commitPoint.latest();
  for (const id of [2, 3]) await commit(second, named(id, 'b'));
  await requireRejected(commit(first, named(2, 'a')), 'a number that was passed');
  await requireLatest(await made.begin(), named(3, 'b'), 'latest commit');
}

async function requireRejected(work: Promise<unknown>, what: string): Promise<void> {
  const outcome = await work.then(
    () => 'committed',
    () => 'rejected',
  );
  requireThat(outcome === 'rejected', `${what} is refused`);
}
