/** The main job and `npm run orders` on Kafka, as processes of their own, against an independent calculation. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { orderChunks } from '../../../../examples/revenue/generator/orders.ts';
import { calculate, type Expected } from '../../../e2e/test/revenue/reference/calculate.ts';
import { bootstrap, classPath, newFolder, newTopic, produce, uniqueName, withBroker } from '../setup/fixture.ts';
import { feed, readRaw, startJob, type Ended, type RawRecord } from '../setup/revenue-job.ts';

/** Names that nobody else has, and the command line that goes with them. */
function setup(...flags: readonly string[]) {
  const app = uniqueName('app');
  const [input, output] = [`orders.${app}`, `revenue.${app}`];
  const state = path.join(newFolder(), 'state');
  const topics = ['--kafka', bootstrap, '--input-topic', input, '--output-topic', output, '--partitions', '3'];
  const args = [...topics, '--app', app, '--window', '1m', '--commit', '50ms', ...flags];
  const job = (...more: readonly string[]) => startJob(...args, '--state', state, ...more);
  return { app, input, output, state, args, job, late: `late.${app}.${input}`, dead: `dlq.${app}.${input}` };
}

type Setup = ReturnType<typeof setup>;

const utf8 = (records: readonly RawRecord[]): string[] => records.map(({ value }) => value.toString());
const hex = (records: readonly RawRecord[]): string[] => records.map(({ value }) => value.toString('hex')).sort();

/** What the job has to compute of what stands in its input topic now. */
async function expectedOf(input: string): Promise<Expected & { readonly records: readonly RawRecord[] }> {
  const records = await readRaw(input);
  const partitions = [0, 1, 2].map((partition) => {
    const values = records.filter((record) => record.partition === partition).map(({ value }) => value);
    return [
      {
        path: `${input}-${partition}`,
        bytes: Buffer.from(values.map((value) => `${value.toString('latin1')}\n`).join(''), 'latin1'),
      },
    ];
  });
  return { ...calculate(partitions, 60_000), records };
}

/** Results, late and malformed records in their topics. */
async function expectOutput(
  { output, late, dead }: Setup,
  expected: Awaited<ReturnType<typeof expectedOf>>,
): Promise<void> {
  const results = await readRaw(output);
  expect(utf8(results).sort()).toEqual([...expected.rows].sort());
  for (const { key, value } of results)
    expect(key?.toString()).toBe((JSON.parse(value.toString()) as { readonly category: string }).category);
  const keyOf = new Map(expected.records.map(({ key, value }) => [value.toString('hex'), key?.toString()]));
  const [lateRecords, letters] = [await readRaw(late), await readRaw(dead)];
  expect(hex(lateRecords)).toEqual(expected.late.map((line) => Buffer.from(line).toString('hex')).sort());
  const raw = expected.deadLetters.map(({ raw: text, raw_base64: base64 }) =>
    Buffer.from(text ?? base64 ?? '', text === undefined ? 'base64' : 'utf8'),
  );
  expect(hex(letters)).toEqual(raw.map((bytes) => bytes.toString('hex')).sort());
  for (const { key, value } of [...lateRecords, ...letters])
    expect(key?.toString()).toBe(keyOf.get(value.toString('hex')));
}

function expectEnd({ code, stderr }: Ended, wanted: number): void {
  expect(code, stderr).toBe(wanted);
}

const generated = (orders: number, seed: number): Buffer =>
  Buffer.concat([...orderChunks({ orders, seed })].map(({ bytes }) => bytes));

withBroker('the main job on Kafka', () => {
  it.concurrent(
    'computes of a file fed by npm run orders what the job on files does, in topics that it makes; and only once',
    async () => {
      const job = setup('--bounded');
      const folder = newFolder();
      const [file, summary] = [path.join(folder, 'orders.ndjson'), path.join(folder, 'summary.json')];
      // Neither UTF-8 nor blank, nor two lines.
      const broken = Buffer.from('{"order_id":"\xff"}\r\n \t\r\n\xa0\nno\rjson\n', 'latin1');
      writeFileSync(file, Buffer.concat([Buffer.from('\ufeff'), generated(4_000, 7), broken]));
      expectEnd(await feed('--kafka', bootstrap, '--input-topic', job.input, '--partitions', '3', '--file', file), 0);
      const expected = await expectedOf(job.input);
      expect(new Set(expected.records.map(({ partition }) => partition)).size).toBe(3);
      for (const { key, value } of expected.records.slice(0, 100))
        expect(value.toString()).toContain(key === null ? '' : `"order_id":"${key.toString()}"`);
      const hexes = hex(expected.records);
      for (const line of ['{"order_id":"\xff"}', '\xa0', 'no\rjson'])
        expect(hexes).toContain(Buffer.from(line, 'latin1').toString('hex'));
      expect([expected.late.length, expected.deadLetters.length].every((count) => count > 10)).toBe(true);

      const first = await job.job('--summary', summary).ended;
      expectEnd(first, 0);
      expect(first.stderr).toMatch(new RegExp(`connecting to ${bootstrap}[^]*reading ${job.input} \\(3 partitions\\)`));
      await expectOutput(job, expected);
      const counts = {
        read: expected.read,
        late: expected.late.length,
        malformed: expected.deadLetters.length,
        windows: expected.rows.length,
      };
      expect(JSON.parse(readFileSync(summary, 'utf8'))).toMatchObject(counts);
      if (classPath !== '') expectKeptForever([job.output, job.late, job.dead]);

      await produce(job.input, [{ text: '{"not":"read"}' }]);
      const again = await job.job('--summary', summary).ended;
      expectEnd(again, 0);
      expect(again.stdout).toMatch(/is complete: nothing to do/);
      await expectOutput(job, expected);
      expect(JSON.parse(readFileSync(summary, 'utf8'))).toMatchObject(counts);

      // One more order is read now, and everything is written again.
      const written = utf8(await readRaw(job.output));
      const over = await job.job('--fresh', '--summary', summary, '--state', `${job.state}.lost`).ended;
      expectEnd(over, 0);
      expect(JSON.parse(readFileSync(summary, 'utf8'))).toMatchObject({
        ...counts,
        read: counts.read + 1,
        malformed: counts.malformed + 1,
      });
      expect(utf8(await readRaw(job.output)).sort()).toEqual([...written, ...written].sort());
    },
  );

  it.concurrent('goes on after SIGINT and SIGTERM to the ends it began with, and never without its state', async () => {
    const job = setup('--bounded');
    const orders = ['--kafka', bootstrap, '--input-topic', job.input, '--partitions', '3'];
    expectEnd(await feed(...orders, '--count', '3000', '--seed', '3'), 0);
    const expected = await expectedOf(job.input);
    // More than is read until it is stopped, on any machine: all of it would take minutes.
    const slow = ['--rate', '20'];
    const more = expected.records.slice(0, 50).map(({ value, key, partition }) => ({ value, key, partition }));
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const running = job.job(...slow);
      await running.printed(/reading/);
      running.child.kill(signal);
      const stopped = await running.ended;
      expectEnd(stopped, code);
      expect(stopped.stderr).toMatch(/the same command goes on from there/);
      // None of these are read: the ends stand in the first commit.
      await produce(job.input, more);
    }
    const moved = `${job.state}.moved`;
    renameSync(job.state, moved);
    mkdirSync(job.state);
    // Emptied, and another one that is not there yet.
    for (const refused of await Promise.all([job.job().ended, job.job('--state', `${job.state}.other`).ended])) {
      expectEnd(refused, 2);
      expect(refused.stderr).toMatch(
        /error: .*last committed on Kafka as checkpoint \d+ .*not in .*give that folder, or restore it.*--fresh starts over/,
      );
    }
    rmSync(job.state, { recursive: true });
    renameSync(moved, job.state);
    const last = await job.job().ended;
    expectEnd(last, 0);
    expect(last.stdout).toMatch(/resumed from checkpoint/);
    await expectOutput(job, expected);
  });

  it.concurrent('reads on for ever without --bounded, and says what it is doing', async () => {
    // One partition: of several, a live job reads now this and now that one first, and orders are late or not.
    const job = setup('--partitions', '1');
    const running = job.job();
    await running.printed(/0 to read · waiting for the first order/);
    const orders = [
      '--kafka',
      bootstrap,
      '--input-topic',
      job.input,
      '--count',
      '2000',
      '--rate',
      '100000',
      '--partitions',
      '1',
    ];
    const fed = await feed(...orders);
    expect(fed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2000 orders written to /) as string });
    await running.printed(/2,000 read .* 0 to read · watermark/);
    running.child.kill('SIGTERM');
    expectEnd(await running.ended, 143);
    // Everything that is complete by then, and nothing else.
    const { rows } = await expectedOf(job.input);
    const results = utf8(await readRaw(job.output));
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter((row) => !rows.includes(row))).toEqual([]);
  });

  it.concurrent('a broker that is not there: the reason, exit code 1; for npm run orders as well', async () => {
    const nobody = ['--kafka', '127.0.0.1:1'];
    const [job, orders] = await Promise.all([startJob(...nobody, '--state', newFolder()).ended, feed(...nobody)]);
    for (const ended of [job, orders]) {
      expectEnd(ended, 1);
      expect(ended.stderr).toMatch(/^connecting to 127\.0\.0\.1:1\n/);
      expect(ended.stderr).toMatch(
        /error: Kafka: connecting to 127\.0\.0\.1:1 failed: .*Connection refused\. Is a broker running there/,
      );
    }
  });

  it.concurrent('npm run orders says how far it is, and ends with a record that its topic refuses', async () => {
    const input = await newTopic('small', 1, { 'max.message.bytes': '500000' });
    const at = ['--kafka', bootstrap, '--input-topic', input];
    const slow = await feed(...at, '--count', '1300', '--rate', '1000');
    expectEnd(slow, 0);
    expect(slow.stderr).toMatch(/^connecting to .*\n[\d,]+ of 1,300 orders · [\d,]+\/s\n/);
    const file = path.join(newFolder(), 'large.ndjson');
    writeFileSync(file, `${JSON.stringify({ order_id: 'large', text: randomBytes(400_000).toString('hex') })}\n`);
    const refused = await feed(...at, '--file', file);
    expectEnd(refused, 1);
    expect(refused.stderr).toMatch(/error: .*writing to small.*too large/i);
    expect(refused.stdout).toBe('');
  });

  it.concurrent('npm run orders with a file that is not there: exit code 2', async () => {
    const ended = await feed('--kafka', bootstrap, '--file', '/no/such/file');
    expectEnd(ended, 2);
    expect(ended.stderr).toMatch(/--file \/no\/such\/file cannot be read: no such file/);
  });
});

/** Topics keep what the job can not compute again. */
function expectKeptForever(topics: readonly string[]): void {
  const args = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', classPath, 'kafka.admin.ConfigCommand'];
  const describe = ['--bootstrap-server', bootstrap, '--describe', '--entity-type', 'topics'];
  const { stdout } = spawnSync('java', [...args, ...describe], { encoding: 'utf8' });
  for (const topic of topics)
    expect(stdout).toMatch(new RegExp(`for topic ${topic} are:\\n( [^\\n]*\\n)* +retention.ms=-1 `));
}
