import {
  count,
  dataflow,
  generator,
  globalWindow,
  memory,
  memorySink,
  MillraceError,
  silentLogger,
  type GuardFinding,
  type GuardOptions,
  type Logger,
  type Sink,
  type Source,
} from 'millrace';
import { describe, expect, it } from 'vitest';

/** A logger, and what it was warned of. */
function listening(): { readonly logger: Logger; readonly warnings: string[] } {
  const warnings: string[] = [];
  return { logger: { ...silentLogger, warn: (message) => void warnings.push(message) }, warnings };
}

const finding = (guard: GuardFinding['guard'], message: string): GuardFinding => ({ guard, message, cure: 'Do it.' });

/** A source that counts how often it was opened, and says `said` then. */
function probe(said: readonly GuardFinding[] = [], of: readonly GuardFinding[] = []) {
  const opened = { count: 0 };
  const inner = memory([1, 2, 3]);
  const source: Source<number> = {
    ...inner,
    findings: of,
    open(context) {
      opened.count++;
      for (const one of said) context.guard?.(one);
      return inner.open(context);
    },
  };
  return { source, opened };
}

async function run(source: Source<number>, guards?: GuardOptions, sink: Sink<number> = memorySink<number>()) {
  const { logger, warnings } = listening();
  const flow = dataflow('guarded');
  flow.from('numbers', source).to('out', sink);
  const handle = await flow.run({ logger, ...(guards === undefined ? {} : { guards }) });
  await handle.done;
  return warnings;
}

describe('guards of flow.run', () => {
  const json = finding('json-without-schema', 'No schema.');

  it("'warn' is the default: one line each, what connectors say of themselves and when they are opened", async () => {
    const { source } = probe([finding('auto-commit', 'Somebody commits.'), json], [json]);
    expect(await run(source)).toEqual([
      'guard json-without-schema: No schema. Do it.',
      'guard auto-commit: Somebody commits. Do it.',
    ]);
  });

  it("'off' says nothing, `ignore` leaves some out", async () => {
    const { source } = probe([finding('auto-commit', 'Somebody commits.')], [json]);
    expect(await run(source, 'off')).toEqual([]);
    expect(await run(source, { ignore: ['auto-commit'] })).toEqual(['guard json-without-schema: No schema. Do it.']);
    expect(await run(source, { level: 'error', ignore: ['auto-commit', 'json-without-schema'] })).toEqual([]);
  });

  it("'error' refuses the job before its sources are opened, and names all that was seen", async () => {
    const { source, opened } = probe([], [json, finding('no-dead-letters', 'No letters.')]);
    const refused = run(source, 'error');
    await expect(refused).rejects.toBeInstanceOf(MillraceError);
    await expect(refused).rejects.toMatchObject({
      code: 'GUARD_REFUSED',
      retryable: false,
      message: expect.stringMatching(
        /No schema\. Do it\. .*No letters\. Do it\. .*ignore: \['json-without-schema'\]/,
      ) as string,
      fields: { guards: ['json-without-schema', 'no-dead-letters'] },
    });
    expect(opened.count).toBe(0);
  });

  it("'error' tells of a source that is read twice once", async () => {
    const { source } = probe([], [json]);
    const flow = dataflow('twice');
    flow.from('a', source).union(flow.from('b', source)).to('out', memorySink<number>());
    await expect(flow.run({ guards: 'error', logger: silentLogger })).rejects.toMatchObject({
      message: expect.not.stringMatching(/No schema.*No schema/) as string,
      fields: { guards: ['json-without-schema'] },
    });
  });

  it("'error' refuses what shows when a source is opened: no record was read", async () => {
    const sink = memorySink<number>();
    const { source, opened } = probe([finding('single-partition-input', 'One.')]);
    await expect(run(source, 'error', sink)).rejects.toMatchObject({ code: 'GUARD_REFUSED' });
    expect(opened.count).toBe(1);
    expect(sink.rows).toEqual([]);
  });

  it("what shows while the job runs is told, also with 'error': it is too late to refuse", async () => {
    const inner = memorySink<number>();
    const sink: Sink<number> = {
      ...inner,
      open: async (context) => {
        const writer = await inner.open(context);
        return {
          write: (value, time) => {
            context.guard?.(finding('low-cardinality-key', 'Two keys.'));
            writer.write(value, time);
          },
          ready: () => writer.ready(),
          buffered: 0,
          flush: () => writer.flush(),
          finish: () => writer.finish(),
          abort: () => writer.abort(),
        };
      },
    };
    expect(await run(memory([1, 2, 3]), 'error', sink)).toEqual(['guard low-cardinality-key: Two keys. Do it.']);
    expect(inner.rows).toEqual([1, 2, 3]);
  });

  it('what the plan shows is told before anything is opened', async () => {
    const { logger, warnings } = listening();
    const flow = dataflow('live');
    flow
      .from(
        'numbers',
        generator((index) => index, { recordsPerSecond: 1000 }),
      )
      .keyBy((n) => n % 2)
      .window(globalWindow())
      .aggregate({ n: count() })
      .to('out', memorySink());
    await expect(flow.run({ logger, guards: 'error' })).rejects.toMatchObject({ code: 'GUARD_REFUSED' });
    expect(warnings).toEqual([]);
    const handle = await flow.run({ logger });
    await handle.stop();
    expect(warnings).toEqual([expect.stringMatching(/^guard unbounded-window: window/)]);
  });

  it.each([
    ['a level that there is not', 'loud', /guards of flow\.run\(\) is "loud", but must be 'warn', 'error' or 'off'/],
    ['no level', null, /guards of flow\.run\(\)/],
    [
      'an id that no guard has',
      { ignore: ['json'] },
      /guards\.ignore of flow\.run\(\) is "json", but must be made of auto-commit/,
    ],
    ['an id in place of a list', { ignore: 'auto-commit' }, /guards\.ignore of flow\.run\(\).*a list/],
    ['a name that nobody reads', { levels: 'off' }, /options of guards of flow\.run\(\) is "\{ levels \}"/],
  ])('refuses %s', async (_what, guards, message) => {
    // A program without a type checker.
    await expect(run(memory([1]), guards as unknown as GuardOptions)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });
});
