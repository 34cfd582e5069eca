import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import type { BenchOptions, CaseResult } from './model.ts';

const RESULTS = path.join(import.meta.dirname, '..', 'results', 'latest.json');

/** Prints one case as soon as it is done. */
export function printCase({ name, figures, bars, notes, wrong }: CaseResult): void {
  console.log(`\n${name}`);
  for (const { contender, medianMs, recordsPerSecond } of figures) {
    const rate = (recordsPerSecond / 1e6).toFixed(2);
    console.log(`  ${contender.padEnd(28)} ${medianMs.toFixed(1).padStart(9)} ms ${rate.padStart(8)} M records/s`);
  }
  for (const note of notes) console.log(`  ${note}`);
  for (const { what, value, bar, met } of bars)
    console.log(`  ${what}: ${rounded(value)} (bar ${bar}) ${met ? 'met' : 'NOT MET'}`);
  for (const one of wrong) console.log(`  WRONG RESULT: ${one}`);
}

/** All bars in one table at the end. */
export function printTable(results: readonly CaseResult[]): void {
  console.log(`\n${'case'.padEnd(16)} ${'what'.padEnd(44)} ${'value'.padStart(9)}  ${'bar'.padEnd(8)}`);
  for (const { name, bars, wrong } of results) {
    for (const { what, value, bar, met } of bars) {
      const verdict = met ? 'met' : 'NOT MET';
      console.log(`${name.padEnd(16)} ${what.padEnd(44)} ${rounded(value).padStart(9)}  ${bar.padEnd(8)} ${verdict}`);
    }
    if (wrong.length > 0) console.log(`${name.padEnd(16)} WRONG RESULT`);
  }
}

/** Writes bench/results/latest.json; returns its path. */
export function writeResults(options: BenchOptions, results: readonly CaseResult[]): string {
  const [cpu] = cpus();
  const machine = {
    node: process.version,
    v8: process.versions.v8,
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
  };
  mkdirSync(path.dirname(RESULTS), { recursive: true });
  writeFileSync(
    RESULTS,
    `${JSON.stringify({ machine, at: new Date().toISOString(), options, results }, undefined, 2)}\n`,
  );
  return path.relative(process.cwd(), RESULTS);
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
