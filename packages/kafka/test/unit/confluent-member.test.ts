/** Commits of a member on a client that answers as it is told to. */
import { expect, it } from 'vitest';
import type { ClientModule } from '../../src/confluent/client-types.ts';
import { ConfluentMember } from '../../src/confluent/confluent-member.ts';

type Done = (error: unknown, result?: unknown) => void;
interface Offset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}
type Answer = (error: unknown, offsets: readonly Offset[]) => void;

type Log = (line: { readonly fac: string; readonly message: string }) => void;
const at = (offset: number, partition = 0): Offset => ({ topic: 't', partition, offset });
const fenced = () => Object.assign(new Error('Broker: Static consumer fenced'), { code: 82 });

/** A member, and the client's side of it. `queue` is what the client does with a commit; it calls back when the commit is queued. */
async function memberOn(queue: (offsets: readonly Offset[], done: Done) => void = (_, done) => done(null)) {
  const seen = {
    polls: 0,
    freed: 0,
    queued: [] as (readonly Offset[])[],
    answer: (() => undefined) as Answer,
    log: (() => undefined) as Log,
    told: [] as Error[],
  };
  class Client {
    constructor(settings: { readonly offset_commit_cb: Answer }) {
      seen.answer = settings.offset_commit_cb;
    }
    on = (event: string, listener: Log): void => {
      if (event === 'event.log') seen.log = listener;
    };
    connect = (_options: object, done: Done): void => done(null);
    setDefaultConsumeTimeout = (): void => undefined;
    subscribe = (): void => undefined;
    consume = (_count: number, done: Done): void => {
      seen.polls++;
      setImmediate(() => done(null, []));
    };
    commitCb = (offsets: readonly Offset[], done: Done): void => {
      seen.queued.push(offsets);
      queue(offsets, done);
    };
    disconnect = (done: Done): void => {
      seen.freed++;
      done(null);
    };
  }
  const events = {
    ...{ assigned: () => undefined, revoked: () => Promise.resolve(), lost: () => undefined },
    fenced: (error: Error) => seen.told.push(error),
  };
  // Of the module nothing but the consumer is asked for.
  const module = { RdKafka: { KafkaConsumer: Client } } as unknown as ClientModule;
  return { member: await ConfluentMember.open(module, { 'group.id': 'g' }, ['t'], events), seen };
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  const open = Symbol('open');
  const first = await Promise.race([promise.catch(() => undefined), new Promise((go) => setTimeout(go, 20, open))]);
  return first !== open;
};

it('a commit that is queued is not committed before the group has answered', async () => {
  const { member, seen } = await memberOn();
  const commit = member.commit([at(3, 1), at(2, 0)]);
  expect(await isSettled(commit)).toBe(false);
  expect(seen.polls).toBeGreaterThan(1);
  seen.answer(undefined, [at(2, 0), at(3, 1)]);
  await commit;
  await member.close();
});

it('one that is refused rejects with the code; others are not concerned', async () => {
  const { member, seen } = await memberOn();
  const [first, second] = [member.commit([at(1)]), member.commit([at(2)])];
  seen.answer(fenced(), [at(2)]);
  await expect(second).rejects.toMatchObject({ code: 'IO_FAILED', fields: { kafka: 82 } });
  expect(await isSettled(first)).toBe(false);
  seen.answer(undefined, [at(7)]);
  expect(await isSettled(first)).toBe(false);
  seen.answer(undefined, [at(1)]);
  await first;
  await member.close();
});

it.each([
  ['calls back with an error', (_: unknown, done: Done) => done(Object.assign(new Error('no'), { code: -172 }))],
  [
    'throws',
    () => {
      throw Object.assign(new Error('disconnected'), { code: -172 });
    },
  ],
])('one that is not even queued rejects: the client %s', async (_, queue) => {
  const { member } = await memberOn(queue);
  await expect(member.commit([at(1)])).rejects.toMatchObject({ fields: { kafka: -172 } });
  await member.close();
});

it('that the place was taken is heard from the log: told once, and what is under way or comes later is refused', async () => {
  const { member, seen } = await memberOn();
  const commit = member.commit([at(1)]);
  const line = '[thrd:main]: Fatal error: Broker: Static consumer fenced by other consumer with same group.instance.id';
  seen.log({ fac: 'FATAL', message: '[thrd:main]: Fatal error: something else' });
  expect(seen.told).toEqual([]);
  seen.log({ fac: 'FATAL', message: line });
  seen.log({ fac: 'FATAL', message: line });
  expect(seen.told).toMatchObject([{ fields: { kafka: 82 } }]);
  await expect(commit).rejects.toMatchObject({ fields: { kafka: 82 } });
  await expect(member.commit([at(2)])).rejects.toMatchObject({ fields: { kafka: 82 } });
  await member.close();
});

it('nothing needs no answer', async () => {
  const { member, seen } = await memberOn();
  await member.commit([]);
  expect(seen.queued).toEqual([]);
  await member.close();
});

it('who leaves does not wait for answers, and frees the client when it has taken the commit', async () => {
  let queued: Done = () => undefined;
  const { member, seen } = await memberOn((_, done) => (queued = done));
  const commit = member.commit([at(1)]);
  const closed = member.close();
  await expect(commit).rejects.toThrow(/has left the group/);
  expect(await isSettled(closed)).toBe(false);
  expect(seen.freed).toBe(0);
  queued(null);
  await closed;
  expect(seen.freed).toBe(1);
  await expect(member.commit([at(2)])).rejects.toThrow(/has left the group/);
});
