import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Expected } from '../reference/calculate.ts';
import { outputLines } from './outputs.ts';

/** The whole output of a run, text by text, against the reference. */
export function expectResults(dir: string, expected: Expected): void {
  expect(outputLines(path.join(dir, 'revenue'))).toEqual(expected.rows);
  expect(outputLines(path.join(dir, 'late'))).toEqual(expected.late);
  expectDeadLetters(outputLines(path.join(dir, 'dead-letter')), expected);
}

/** The counts of `--summary` against the reference, and its fields. */
export function expectSummary(file: string, expected: Expected): void {
  const summary: unknown = JSON.parse(readFileSync(file, 'utf8'));
  expect(summary).toEqual({
    read: expected.read,
    late: expected.late.length,
    malformed: expected.deadLetters.length,
    windows: expected.rows.length,
    seconds: expect.any(Number),
    peakRssBytes: expect.any(Number),
  });
  expect(expected.read).toBe(expected.aggregated + expected.late.length + expected.deadLetters.length);
}

const FIELDS = ['source', 'partition', 'position', 'code', 'message', 'time'];

function expectDeadLetters(lines: readonly string[], expected: Expected): void {
  const found = lines.map((line) => {
    const letter = JSON.parse(line) as Record<string, unknown>;
    const raw = 'raw' in letter ? 'raw' : 'raw_base64';
    expect(Object.keys(letter)).toEqual([...FIELDS, raw]);
    const { message, ...rest } = letter;
    expect(message).toMatch(/^[^\n]+$/);
    return rest;
  });
  expect(found).toEqual(expected.deadLetters);
}
