import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger, type Logger } from 'millrace';
import { nodeMachine } from 'millrace/node';
import { expect, it, onTestFinished } from 'vitest';
import { decodeFrame, encodeFrame, queuedBytes, type QueuedRecord } from '../../src/producer/queue/frame.ts';
import { SegmentLog } from '../../src/producer/queue/segment-log.ts';
import { faultyFiles } from '../setup/producer-lab.ts';

const encoder = new TextEncoder();

function record(seq: number, more: Partial<QueuedRecord> = {}): QueuedRecord {
  const value = encoder.encode(`value ${seq}`);
  return { seq, partition: undefined, key: encoder.encode('k'), value, timestamp: 1_000 + seq, headers: [], ...more };
}

const records = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => record(from + i));

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-queue-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A log that is closed behind the test: what is left to the garbage collector, Node warns of. */
async function open(folder: string, logger: Logger = silentLogger, segmentBytes: number = 500): Promise<SegmentLog> {
  const log = await SegmentLog.open({ files: nodeMachine.files, folder, segmentBytes, logger });
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

/** Numbers of all that is not delivered. */
async function readAll(log: SegmentLog): Promise<readonly number[]> {
  const seqs: number[] = [];
  for (;;) {
    const some = await log.read();
    if (some.length === 0) return seqs;
    seqs.push(...some.map(({ seq }) => seq));
  }
}

/** Three segments of two frames each, closed. */
async function threeSegments(): Promise<{ readonly folder: string; readonly paths: readonly string[] }> {
  const folder = newFolder();
  const log = await open(folder, silentLogger, 250);
  for (let from = 1; from <= 16; from += 3) await log.append(records(from, from + 2));
  await log.close();
  const paths = readdirSync(folder)
    .toSorted()
    .map((name) => path.join(folder, name));
  expect(paths.length).toBe(3);
  return { folder, paths };
}

it('a frame holds all that belongs to its records', () => {
  const whole = record(7, {
    partition: 3,
    headers: [
      ['trace', encoder.encode('abc')],
      ['größe', new Uint8Array()],
    ],
  });
  const bare = record(8, { key: null, value: null });
  const empty = record(9, { key: new Uint8Array(), value: new Uint8Array() });
  const frame = encodeFrame([whole, bare, empty]);
  expect(frame.length).toBe(24 + queuedBytes(whole) + queuedBytes(bare) + queuedBytes(empty));
  expect(decodeFrame(frame)).toEqual([whole, bare, empty]);
});

it('the format of the files is what it was: a frame that an earlier release has written', () => {
  // FROZEN: queues outlive the release that has written them.
  const golden =
    '4d52513123000000831480bcbbaa8bdc000000000000f03f0000000000488f4002000000010000000200000000000000616869' +
    '1e9f30d338d18f43';
  const [key, value] = [encoder.encode('a'), encoder.encode('hi')];
  const written = [{ seq: 1, timestamp: 1_001, partition: 2, key, value, headers: [] }];
  expect(Buffer.from(encodeFrame(written)).toString('hex')).toBe(golden);
  expect(decodeFrame(Uint8Array.from(Buffer.from(golden, 'hex')))).toEqual(written);
});

it('gives back what was not delivered, in order, over restarts', async () => {
  const folder = newFolder();
  const first = await open(folder);
  for (let from = 1; from <= 41; from += 10) await first.append(records(from, from + 9));
  for (const seq of [1, 2, 3, 11, 25]) first.done(seq);
  await first.settle();
  await first.close();
  const second = await open(folder);
  expect([second.remaining, second.nextSeq]).toEqual([45, 51]);
  const left = records(1, 50)
    .map(({ seq }) => seq)
    .filter((seq) => ![1, 2, 3, 11, 25].includes(seq));
  expect(await readAll(second)).toEqual(left);
  await second.append(records(51, 52));
  expect(await readAll(second)).toEqual([51, 52]);
  for (const seq of [...left, 51, 52]) second.done(seq);
  await second.settle();
  expect([second.empty, second.bytes, readdirSync(folder)]).toEqual([true, 0, []]);
  // Numbers go on in this process.
  expect(second.nextSeq).toBe(53);
});

it('a segment is removed when all of it is delivered, whatever others hold', async () => {
  const { folder, paths } = await threeSegments();
  const log = await open(folder);
  await readAll(log);
  for (let seq = 7; seq <= 12; seq++) log.done(seq);
  await log.settle();
  expect(readdirSync(folder).map((name) => path.join(folder, name))).toEqual([paths[0], paths[2]]);
});

it('what was read is not read again when the segment behind it is removed', async () => {
  const { folder } = await threeSegments();
  const log = await open(folder);
  await readAll(log);
  for (let seq = 13; seq <= 18; seq++) log.done(seq);
  await log.settle();
  expect([log.unread, await readAll(log), log.remaining]).toEqual([false, [], 12]);
  await log.append(records(19, 20));
  expect(await readAll(log)).toEqual([19, 20]);
});

it('every cut of the last segment: what was whole is given back, the torn end is cut off and told', async () => {
  const { folder, paths } = await threeSegments();
  const last = paths[2] ?? '';
  const whole = readFileSync(last);
  const half = whole.length / 2;
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(last, whole.subarray(0, length));
    const said: string[] = [];
    const log = await open(folder, { ...silentLogger, warn: (message) => void said.push(message) });
    expect(await readAll(log)).toEqual(records(1, length >= half ? 15 : 12).map(({ seq }) => seq));
    const torn = length % half;
    expect(said.length).toBe(torn === 0 ? 0 : 1);
    if (torn > 0) expect(said[0]).toContain(`${last}: the last ${torn} bytes, from offset ${length - torn} on`);
    await log.close();
  }
});

it('every flipped byte of any other frame: an error that names file and offset', async () => {
  const { folder, paths } = await threeSegments();
  for (const [number, file] of paths.entries()) {
    const whole = readFileSync(file);
    const frame = 24 + whole.readUInt32LE(4);
    // Of the last segment the first frame: the last one may be one that was being written.
    const upTo = number === 2 ? frame : whole.length;
    for (let at = 0; at < upTo; at += 3) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      writeFileSync(file, changed);
      const offset = at < frame ? 0 : frame;
      await expect(open(folder)).rejects.toMatchObject({
        code: 'STATE_CORRUPT',
        fields: { path: file, offset },
        message: expect.stringContaining(`${file} is damaged at offset ${offset}`),
      });
    }
    writeFileSync(file, whole);
  }
});

it('notes of what was delivered that are damaged are not believed: it is delivered once more', async () => {
  const folder = newFolder();
  const first = await open(folder);
  await first.append(records(1, 5));
  first.done(2);
  await first.settle();
  first.done(4);
  await first.settle();
  await first.close();
  const [note = ''] = readdirSync(folder).filter((name) => name.endsWith('.done'));
  const bytes = readFileSync(path.join(folder, note));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path.join(folder, note), bytes);
  const second = await open(folder);
  expect(await readAll(second)).toEqual([1, 3, 4, 5]);
});

it('an empty file before the last one: an error that names it, nothing is skipped', async () => {
  const { folder, paths } = await threeSegments();
  writeFileSync(paths[1] ?? '', '');
  await expect(open(folder)).rejects.toMatchObject({ code: 'STATE_CORRUPT', fields: { path: paths[1], offset: 0 } });
});

it('zeros or noise behind the last whole frame, as a loss of power leaves them, are cut off, however many', async () => {
  const noise = Buffer.alloc(20_000_000);
  for (let at = 0; at + 16 <= noise.length; at += 1_000) encoder.encodeInto('MRQ1', noise.subarray(at));
  for (const tail of [Buffer.alloc(5_000), noise]) {
    const { folder, paths } = await threeSegments();
    const last = paths[2] ?? '';
    writeFileSync(last, Buffer.concat([readFileSync(last), tail]));
    const log = await open(folder);
    expect(await readAll(log)).toEqual(records(1, 18).map(({ seq }) => seq));
    await log.close();
  }
});

it('notes that a full disk did not take are taken later, and none is lost behind a torn one', async () => {
  const folder = newFolder();
  let full = false;
  const files = faultyFiles((operation, file) =>
    full && operation === 'append' && file.endsWith('.done') ? 'ENOSPC' : undefined,
  );
  const log = await SegmentLog.open({ files, folder, segmentBytes: 10_000, logger: silentLogger });
  await log.append(records(1, 6));
  log.done(1);
  await log.settle();
  full = true;
  log.done(2);
  await expect(log.settle()).rejects.toMatchObject({ code: 'ENOSPC' });
  full = false;
  log.done(3);
  await log.settle();
  await log.close();
  expect(await readAll(await open(folder))).toEqual([4, 5, 6]);
});

it('a segment that is delivered is removed from a disk on which nothing can be written any more', async () => {
  const folder = newFolder();
  let full = false;
  const files = faultyFiles((operation) => (full && operation === 'append' ? 'ENOSPC' : undefined));
  const log = await SegmentLog.open({ files, folder, segmentBytes: 10_000, logger: silentLogger });
  await log.append(records(1, 3));
  full = true;
  await expect(log.append(records(4, 6))).rejects.toMatchObject({ code: 'ENOSPC' });
  for (const seq of [1, 2, 3]) log.done(seq);
  await log.settle();
  expect([log.empty, readdirSync(folder)]).toEqual([true, []]);
  full = false;
  await log.append(records(4, 6));
  expect(await readAll(log)).toEqual([4, 5, 6]);
  await log.close();
});
