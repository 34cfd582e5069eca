import type { TaskMetrics } from '../model/index.ts';

/** Throws if records of an operator are unaccounted for. */
export function checkConservation(metrics: TaskMetrics): void {
  for (const operator of metrics.operators) {
    if (operator.missing === 0) continue;
    const { name, kind, missing, in: taken, out, filtered, late, deadLettered, buffered, absorbed } = operator;
    throw new Error(
      `${kind} '${name}' has lost count of ${missing} records: in ${taken}, out ${out}, filtered ${filtered}, ` +
        `late ${late}, dead-lettered ${deadLettered}, buffered ${buffered}, absorbed ${absorbed}`,
    );
  }
}
