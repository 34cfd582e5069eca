import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS, type Mutant } from './mutants.ts';

const CORE = fileURLToPath(new URL('../../', import.meta.url));

export function mutantNamed(name: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.name === name);
}

/** The source of a file with the mutation; the place must be there exactly once. */
export function mutated(mutant: Mutant): string {
  const parts = readFileSync(join(CORE, 'src', mutant.file), 'utf8').split(mutant.find);
  if (parts.length !== 2)
    throw new Error(`mutant '${mutant.name}': its text is there ${parts.length - 1} times, not once`);
  return parts.join(mutant.replace);
}

/** Runs schedules on a copy of the engine with the fault, until one fails. Returns the exit code: 1 if one did. */
export function runMutant(mutant: Mutant, args: readonly string[]): number {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-simulation-'));
  try {
    for (const part of ['src', 'test/simulation']) cpSync(join(CORE, part), join(copy, part), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{ "type": "module" }\n');
    writeFileSync(join(copy, 'src', mutant.file), mutated(mutant));
    const main = join(copy, 'test', 'simulation', 'main.ts');
    const { status } = spawnSync(process.execPath, [...process.execArgv, main, ...args, '--until-failure'], {
      stdio: 'inherit',
      cwd: process.cwd(),
    });
    return status ?? 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
