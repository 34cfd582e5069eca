import { readFileSync } from 'node:fs';
import type { InputFile } from '../test/revenue/reference/calculate.ts';

/** A file as the calculation reads it. */
export function inputFile(file: string): InputFile {
  return { path: file, bytes: readFileSync(file) };
}
