import { MillraceError } from '../errors/index.ts';
import type { Manifest } from '../checkpoint/index.ts';
import { fingerprint, type Plan } from '../plan/index.ts';
import type { TaskProgress } from './task-snapshot.ts';

/**
 * The checkpoint as far as the program can use it. State of an operator that has changed is refused, unless the change was
 * declared; of one that is gone it is then left out.
 *
 * @throws MillraceError `STATE_MISMATCH` naming the operator and the change
 */
export function withAcceptedChanges(manifest: Manifest, plan: Plan, accepted: readonly string[]): Manifest {
  const now = fingerprint(plan);
  const gone = new Set<string>();
  for (const [name, before] of Object.entries(manifest.plan)) {
    const after = now[name];
    if (after === before) continue;
    if (!accepted.includes(name)) throw changed(name, before, after, manifest.id);
    if (after === undefined) gone.add(name);
  }
  if (gone.size === 0) return manifest;
  // It is what `JobCore.progress` returned.
  const task = manifest.task as unknown as TaskProgress;
  const stays = ({ name }: { readonly name: string }): boolean => !gone.has(name);
  const kept: TaskProgress = {
    sources: task.sources.filter(stays),
    segments: task.segments,
    unions: task.unions.filter(stays),
    metrics: task.metrics,
  };
  return {
    ...manifest,
    task: kept as unknown as Manifest['task'],
    operators: manifest.operators.filter(({ id }) => !gone.has(id)),
  };
}

function changed(name: string, before: string, after: string | undefined, id: number): MillraceError {
  return new MillraceError('STATE_MISMATCH', {
    message:
      `'${name}' was ${JSON.stringify(before)} when checkpoint ${id} was taken, and is ` +
      `${after === undefined ? 'no longer in the program' : JSON.stringify(after)}. Its state may not fit: undo the change, ` +
      `declare it with acceptChanges: ['${name}'], or start over with fresh: true.`,
    fields: { operator: name, before, after: after ?? null },
  });
}
