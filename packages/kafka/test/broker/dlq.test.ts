import { seededRandom } from 'millrace/testing';
import { expect, it } from 'vitest';
import { run } from '../../../cli/src/run.ts';
import { kafka } from '../../src/index.ts';
import { lettersHeaders } from '../setup/letters-cluster.ts';
import { DlqProcess } from '../setup/dlq-process.ts';
import { bootstrap, bytes, newTopic, produce, readWithJava, withBroker } from '../setup/fixture.ts';

const PARTITIONS = 4;
const LETTERS = 10_000;
/** `npm run crash:dlq` kills 20 times, which takes some minutes on a loaded machine. */
const KILLS = Number(process.env['MILLRACE_DLQ_KILLS'] ?? 6);
/** Some thirty processes are started, one after the other. */
const TIMEOUT_MS = 600_000;
/** Letters that one life can do at most, so that so many lives can be killed, with some that end too soon. */
const LIFE = ['--batch', '50', '--limit', '300'];

/** Letters of `count` records of a topic that has four partitions. */
async function writeLetters(count: number, more: Record<string, string> = {}) {
  const input = await newTopic('orders', PARTITIONS);
  const letters = await newTopic(`dlq.job.${input}`);
  const records = Array.from({ length: count }, (_, i) => ({
    ...{ text: `value ${i}`, key: bytes(`key ${i}`), timestamp: 1_700_000_000_000 + i },
    headers: [
      ['trace', bytes(`trace ${i}`)] as const,
      ...lettersHeaders(i % PARTITIONS, i, { 'millrace.topic': input, ...more }),
    ],
  }));
  await produce(letters, records);
  return { input, letters };
}

const place = (letters: string): string[] => ['--bootstrap', bootstrap, '--from', letters];

/** The same command line in this process, which starts faster. */
async function dlq(...args: readonly string[]) {
  const [out, said]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => void out.push(line), say: (line: string) => void said.push(line) };
  const code = await run(['dlq', ...args], { io, folder: '', load: () => Promise.resolve({ kafka }) });
  return { code, out: out.join('\n'), said: said.join('\n') };
}

withBroker('millrace dlq', () => {
  it(
    `retry of ${LETTERS} letters, killed ${KILLS} times, gives each back exactly once, as it came`,
    async () => {
      const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1_000_000);
      console.info(`MILLRACE_SEED=${seed}`);
      const random = seededRandom(seed);
      const { input, letters } = await writeLetters(LETTERS);
      let kills = 0;
      for (let lives = 0; kills < KILLS && lives < 2 * KILLS; lives++) {
        const running = new DlqProcess(['retry', ...place(letters), ...LIFE]);
        // Between 0 and 3 transactions, and then at any moment of the next.
        await running.told(Math.floor(4 * random.next()));
        const pauseMs = 15 * random.next();
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        if (await running.kill()) kills++;
        // What a killed process has left open hides nothing for long, and keeps nobody from looking.
        if (kills === 3) expect((await dlq('ls', ...place(letters), '--limit', '1')).said).toMatch(/^1 open letter/);
      }
      expect(kills).toBe(KILLS);
      const last = new DlqProcess(['retry', ...place(letters)]);
      expect(await last.ended, last.said).toBe(0);
      const [done, before] = [...last.out.matchAll(/\d+/g)].map(Number);
      console.info(`${LETTERS} letters, ${kills} kills: ${before} given back by killed processes, ${done} by the last`);
      expect(Number(done) + Number(before)).toBe(LETTERS);
      expect(Number(done)).toBeGreaterThan(0);

      const given = readWithJava(input).map(({ partition, key, value, headers, timestamp }) =>
        [partition, key, value, headers, timestamp].join('|'),
      );
      const expected = Array.from({ length: LETTERS }, (_, i) =>
        [i % PARTITIONS, `key ${i}`, `value ${i}`, `trace:trace ${i}`, 1_700_000_000_000 + i].join('|'),
      );
      expect(given.length).toBe(LETTERS);
      expect(given.sort()).toEqual(expected.sort());
      const marks = readWithJava(`millrace-dlq.${letters}`).map(({ key }) => key);
      expect([marks.length, new Set(marks).size]).toEqual([LETTERS, LETTERS]);
      expect((await dlq('retry', ...place(letters))).out).toBe(
        `0 letters given back\n${LETTERS} had been retried or dropped before`,
      );
      expect(readWithJava(input)).toHaveLength(LETTERS);
    },
    TIMEOUT_MS,
  );

  it('ls, show and drop, and what cannot be given back', async () => {
    const { input, letters } = await writeLetters(2);
    await produce(letters, [{ text: 'cut', headers: lettersHeaders(0, 2, { 'millrace.value.truncated': '70000' }) }]);
    const listed = await dlq('ls', ...place(letters));
    expect(listed.out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['id', 'time (UTC)', 'error', 'operator', 'topic', 'value'],
      ['0-0', '1970-01-01 00:00:05', 'RECORD_MALFORMED', input, 'value 0'],
      ['0-1', '1970-01-01 00:00:05', 'RECORD_MALFORMED', input, 'value 1'],
      ['0-2', '1970-01-01 00:00:05', 'RECORD_MALFORMED', 'orders', 'cut'],
    ]);
    expect((await dlq('ls', '--bootstrap', bootstrap)).out.split('\n')).toContain(letters);
    const shown = await dlq('show', '0-1', ...place(letters));
    expect(shown.out).toMatch(/^timestamp +1700000000001 \(2023-11-14 22:13:20\.001\)$/m);
    expect(shown.out).toMatch(/^header trace +trace 1$/m);
    expect(shown.out.endsWith('\n\nvalue 1')).toBe(true);
    expect((await dlq('drop', '0-0', ...place(letters), '--reason', 'a test order')).out).toBe('1 letter dropped');
    const retried = await dlq('retry', ...place(letters));
    expect(retried).toMatchObject({ code: 3, out: '1 letter given back\n1 had been retried or dropped before' });
    expect(retried.said).toContain(
      '0-2 cannot be given back: only the beginning of its value was kept (3 of 70000 bytes)',
    );
    expect(readWithJava(input).map(({ value, partition }) => [value, partition])).toEqual([['value 1', 1]]);
    expect((await dlq('show', '0-0', ...place(letters))).out).toMatch(/^state +dropped .* because: a test order$/m);
    expect(await dlq('show', '0-9', ...place(letters))).toMatchObject({ code: 1 });
    expect(await dlq('ls', '--bootstrap', bootstrap, '--from', 'dlq.none')).toMatchObject({
      ...{ code: 1, said: expect.stringMatching(/There is no topic 'dlq.none'/) as string },
    });
  });

  it('a record that its topic refuses stays, and the others are given back', async () => {
    const { letters } = await writeLetters(6);
    await produce(letters, [
      { text: 'x'.repeat(20_000), key: bytes('large'), headers: lettersHeaders(0, 6) },
      { text: 'small', key: bytes('small'), headers: lettersHeaders(0, 7) },
    ]);
    const narrow = await newTopic('narrow', PARTITIONS, {
      'max.message.bytes': '5000',
      'compression.type': 'uncompressed',
    });
    const { code, out, said } = await dlq('retry', ...place(letters), '--to', narrow);
    expect([code, out, said]).toEqual([
      3,
      '7 letters given back',
      expect.stringMatching(/^0-6 cannot be given back: .*max\.message\.bytes/m),
    ]);
    expect(readWithJava(narrow)).toHaveLength(7);
  });
});
