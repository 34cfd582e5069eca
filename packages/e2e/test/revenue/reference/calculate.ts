import type { Line } from './lines.ts';
import { linesOf } from './lines.ts';
import { orderOf, textOf } from './order.ts';
import { Turns } from './turns.ts';
import { Windows } from './windows.ts';

/** A file and what is in it, uncompressed. */
export interface InputFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** The fields of a dead letter that are not up to the engine's wording. */
export interface ExpectedDeadLetter {
  readonly source: 'orders';
  readonly partition: string;
  readonly position: number;
  readonly code: 'RECORD_MALFORMED';
  readonly time: number | null;
  readonly raw?: string;
  readonly raw_base64?: string;
}

export interface Expected {
  readonly rows: readonly string[];
  readonly late: readonly string[];
  readonly deadLetters: readonly ExpectedDeadLetter[];
  readonly read: number;
  readonly aggregated: number;
}

/** The watermark stays this far behind the highest event time (ms), and one more. */
const BOUND_MS = 5_000;

/**
 * The whole job, computed another way: no streaming, no firing, no import from millrace. A partition is one or several
 * files, read in the order given.
 */
export function calculate(partitions: readonly (readonly InputFile[])[], windowMs: number): Expected {
  const windows = new Windows(windowMs);
  const late: string[] = [];
  const deadLetters: ExpectedDeadLetter[] = [];
  let aggregated = 0;
  const turns = new Turns(partitions.map((files) => files.flatMap(linesOfFile)));
  for (const { line, partition } of turns) {
    const text = textOf(line.bytes);
    const order = orderOf(text);
    if (order === undefined) {
      deadLetters.push(deadLetter(line, text, partition.maxTimeMs));
      continue;
    }
    if (windows.isLate(order.timeMs, turns.watermark())) late.push(text ?? '');
    else {
      windows.add(order);
      aggregated++;
    }
    partition.maxTimeMs = Math.max(partition.maxTimeMs, order.timeMs);
    partition.watermark = partition.maxTimeMs - BOUND_MS - 1;
  }
  return { rows: windows.rows(), late, deadLetters, read: aggregated + late.length + deadLetters.length, aggregated };
}

type FileLine = Line & { readonly path: string };

function linesOfFile({ path, bytes }: InputFile): FileLine[] {
  return linesOf(bytes).map((line) => ({ ...line, path }));
}

function deadLetter(line: FileLine, text: string | undefined, maxTimeMs: number): ExpectedDeadLetter {
  return {
    source: 'orders',
    partition: line.path,
    position: line.position,
    code: 'RECORD_MALFORMED',
    time: maxTimeMs === -Infinity ? null : maxTimeMs,
    ...(text === undefined ? { raw_base64: line.bytes.toString('base64') } : { raw: text }),
  };
}
