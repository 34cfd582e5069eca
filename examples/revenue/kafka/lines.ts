import { createReadStream, fstatSync, openSync } from 'node:fs';
import { reasonOf } from '../options/reason.ts';
import { UsageError } from '../options/usage-error.ts';

const NEWLINE = 10;
const RETURN = 13;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Lines of a file. A file that cannot be opened is a mistake of whoever named it. */
export function fileLines(file: string): AsyncGenerator<Buffer> {
  try {
    const fd = openSync(file, 'r');
    if (fstatSync(fd).isDirectory()) throw new Error('it is a folder');
    return linesOf(createReadStream('', { fd }));
  } catch (error) {
    throw new UsageError(`--file ${file} cannot be read: ${reasonOf(error)}`);
  }
}

/**
 * Lines as the job on files reads them, bytes as they are: they end at `\n` only; a trailing `\r`, a byte order mark at the
 * beginning and blank lines are left out.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      yield* wanted(bytes.subarray(from, end), first);
      first = false;
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  yield* wanted(rest, first);
}

function* wanted(line: Buffer, first: boolean): Generator<Buffer> {
  const start = first && line.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
  const text = line.subarray(start, end);
  if (text.some((byte) => byte !== 32 && byte !== 9 && byte !== RETURN)) yield text;
}
