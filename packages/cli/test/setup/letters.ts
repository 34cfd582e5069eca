import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataflow, deadLetter, int, memorySink, silentLogger, struct } from 'millrace';
import { ndjson } from 'millrace/node';
import { onTestFinished } from 'vitest';
import { run } from '../../src/index.ts';

export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a job over `in/`; what it cannot read lies in `dead/`, and is returned. */
export async function runJob(folder: string, lines: readonly (string | Uint8Array)[]): Promise<readonly number[]> {
  const input = path.join(folder, 'in.ndjson');
  writeFileSync(input, Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])));
  const sink = memorySink<number>();
  const flow = dataflow('numbers');
  const onError = deadLetter(ndjson.sink(path.join(folder, 'dead')));
  flow
    .from('numbers', ndjson(input, { schema: struct({ n: int() }), onError }))
    .map(({ n }) => {
      if (n < 0) throw new Error(`${n} is below 0`);
      return n;
    })
    .named('check')
    .to('out', sink);
  await (
    await flow.run({ onError, logger: silentLogger })
  ).done;
  return sink.rows;
}

/** `count` letters in a file of their own, as a job writes them. */
export function writeLetters(folder: string, count: number): void {
  const lines = Array.from({ length: count }, (_, i) => {
    const raw = JSON.stringify({ n: `n${i}` });
    const place = { source: 'numbers', partition: 'in.ndjson', position: 10 * i };
    return JSON.stringify({ ...place, code: 'RECORD_MALFORMED', message: 'n is wrong', time: 1_000 * i, raw });
  });
  writeFileSync(path.join(folder, 'part-0-0000000001.ndjson'), lines.map((line) => `${line}\n`).join(''));
}

/** Lines of the files in a folder that readers see. */
export function linesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson') && !name.startsWith('.'));
  return names.flatMap((name) =>
    readFileSync(path.join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  );
}

/** Runs the command line. */
export async function millrace(...args: readonly string[]) {
  const [out, said]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => void out.push(line), say: (line: string) => void said.push(line) };
  const code = await run(args, { io, folder: tmpdir() });
  return { code, out: out.join('\n'), said: said.join('\n') };
}
