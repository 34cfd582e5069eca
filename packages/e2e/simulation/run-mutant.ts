import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** All that a schedule runs. */
const COPIED = [
  'packages/core/src',
  'packages/core/package.json',
  'packages/kafka/src',
  'packages/kafka/package.json',
  'packages/e2e/simulation',
  'packages/e2e/package.json',
];

export function mutantNamed(name: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.name === name);
}

/** The source of a file with the mutation; the place must be there exactly once. */
export function mutated(mutant: Mutant): string {
  const parts = readFileSync(join(ROOT, mutant.file), 'utf8').split(mutant.find);
  if (parts.length !== 2)
    throw new Error(`mutant '${mutant.name}': its text is there ${parts.length - 1} times, not once`);
  return parts.join(mutant.replace);
}

/** Runs schedules on a copy of the engine with the fault, until one fails. Returns the exit code: 1 if one did. */
export function runMutant(mutant: Mutant, args: readonly string[]): number {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-simulation-'));
  try {
    for (const part of COPIED) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    mkdirSync(join(copy, 'node_modules'));
    symlinkSync(join(copy, 'packages', 'core'), join(copy, 'node_modules', 'millrace'), 'junction');
    writeFileSync(join(copy, mutant.file), mutated(mutant));
    const main = join(copy, 'packages', 'e2e', 'simulation', 'main.ts');
    const { status } = spawnSync(process.execPath, [...process.execArgv, main, ...args, '--until-failure'], {
      stdio: 'inherit',
      cwd: process.cwd(),
    });
    return status ?? 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
