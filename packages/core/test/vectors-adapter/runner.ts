import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareCase, type Difference, type RecordedCase } from './compare.ts';
import * as adapter from './index.ts';
import type { Path } from './index.ts';

export interface VectorOptions {
  readonly dir: string;
  readonly kinds?: readonly string[] | undefined;
  readonly path: Path | 'both';
  /** Only cases whose id contains this. */
  readonly id?: string;
  /** How many differences are printed in full. */
  readonly show?: number;
  readonly print?: (text: string) => void;
}

export interface VectorCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** How many were skipped for which reason. */
  readonly skips: ReadonlyMap<string, number>;
}

/** All cases of the `*.jsonl` files of a folder. */
export function readVectors(dir: string): RecordedCase[] {
  const files = readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
  return files.sort().flatMap((name) =>
    readFileSync(join(dir, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RecordedCase),
  );
}

/** Runs the cases of a folder. A case counts once, and passes if it does on every path it ran on. */
export async function runVectors(options: VectorOptions): Promise<VectorCounts> {
  const { print = () => {}, show = 0 } = options;
  const skips = new Map<string, number>();
  let passed = 0;
  let failed = 0;
  for (const vector of readVectors(options.dir)) {
    if (options.kinds?.includes(vector.kind) === false || !vector.id.includes(options.id ?? '')) continue;
    const paths = adapter.supports(vector) ? adapter.pathsOf(vector).filter((p) => wanted(options.path, p)) : [];
    const skip = skipReason(vector, paths);
    if (skip !== undefined) skips.set(skip, (skips.get(skip) ?? 0) + 1);
    else {
      const found = await differences(vector, paths);
      if (found.length === 0) passed++;
      else if (failed++ < show) for (const [path, difference] of found) print(describe(vector, path, difference));
    }
  }
  return { passed, failed, skipped: [...skips.values()].reduce((a, b) => a + b, 0), skips };
}

/** Where the engine's answer to one case differs from the recording, by path. */
export async function differences(
  vector: RecordedCase,
  paths: readonly Path[] = adapter.pathsOf(vector),
): Promise<(readonly [path: Path, difference: Difference])[]> {
  const found: (readonly [Path, Difference])[] = [];
  for (const path of paths) {
    const difference = await compareOn(vector, path);
    if (difference !== null) found.push([path, difference]);
  }
  return found;
}

async function compareOn(vector: RecordedCase, path: Path): Promise<Difference | null> {
  try {
    return compareCase(vector, await adapter.run(vector, { path }));
  } catch (error) {
    return { step: '?', why: `the adapter threw: ${error instanceof Error ? error.stack : String(error)}` };
  }
}

function wanted(path: Path | 'both', candidate: Path): boolean {
  return path === 'both' || path === candidate;
}

function skipReason(vector: RecordedCase, paths: readonly Path[]): string | undefined {
  if (!adapter.supports(vector)) return `kind ${vector.kind} is not built yet`;
  if (vector.flags !== undefined) return `flagged: ${vector.flags.join(', ')} (not to be copied)`;
  return paths.length === 0 ? 'no window of the case can use this path' : undefined;
}

function describe(vector: RecordedCase, path: Path, { step, why, script, want, got }: Difference): string {
  return [
    `FAIL ${vector.id} (${path}) step ${step}: ${why}`,
    `  config ${JSON.stringify(vector.config)}`,
    `  script ${JSON.stringify(script ?? null)}`,
    `  want   ${shown(want)}`,
    `  got    ${shown(got)}`,
  ].join('\n');
}

/** JSON writes infinities as null, which would be read as a missing time. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_name, field: unknown) =>
    field === Infinity ? 'max' : field === -Infinity ? 'min' : field,
  );
}
