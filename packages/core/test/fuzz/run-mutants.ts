import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS, type Mutant } from './mutants.ts';

const CORE = fileURLToPath(new URL('../../', import.meta.url));

export interface MutantOptions {
  /** Name of the only one to run. */
  readonly only: string | undefined;
  /** Scripts after which a mutant counts as missed. */
  readonly scripts: number;
  readonly say: (text: string) => void;
}

/** The source of a file with the mutation; the place must be there exactly once. */
export function mutated(mutant: Mutant): string {
  const source = readFileSync(join(CORE, 'src', mutant.file), 'utf8');
  const parts = source.split(mutant.find);
  if (parts.length !== 2)
    throw new Error(`mutant '${mutant.name}': its text is there ${parts.length - 1} times, not once`);
  return parts.join(mutant.replace);
}

/** Runs scripts against copies of the engine with one fault each. Returns how many faults were missed. */
export async function runMutants({ only, scripts, say }: MutantOptions): Promise<number> {
  const chosen = MUTANTS.filter((mutant) => only === undefined || mutant.name === only);
  if (chosen.length === 0)
    throw new Error(`no mutant '${only}'; there are ${MUTANTS.map(({ name }) => name).join(', ')}`);
  let missed = 0;
  for (const mutant of chosen) {
    const found = runOne(mutant, scripts);
    if (!found) missed++;
    say(
      `${found ? 'found ' : 'MISSED'} ${mutant.name} (${mutant.rule}): ${mutant.find.trim()}  ->  ${mutant.replace.trim()}`,
    );
  }
  say(`${chosen.length - missed} of ${chosen.length} mutants found`);
  return missed;
}

function runOne(mutant: Mutant, scripts: number): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-mutant-'));
  try {
    for (const part of ['src', 'test/model', 'test/fuzz', 'test/vectors-adapter']) {
      cpSync(join(CORE, part), join(copy, part), { recursive: true });
    }
    writeFileSync(join(copy, 'package.json'), '{ "type": "module" }\n');
    writeFileSync(join(copy, 'src', mutant.file), mutated(mutant));
    const main = join(copy, 'test', 'fuzz', 'main.ts');
    const kind = mutant.kind === undefined ? [] : ['--kind', mutant.kind];
    const args = [...process.execArgv, main, '--scripts', String(scripts), '--seed', '1', ...kind];
    // A mutant may run for ever: that is found, too.
    const { status, error } = spawnSync(process.execPath, args, {
      stdio: 'ignore',
      timeout: 120_000,
      cwd: process.cwd(),
    });
    return error !== undefined || status !== 0;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
