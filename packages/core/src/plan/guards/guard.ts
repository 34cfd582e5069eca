import type { GuardFinding } from '../../model/index.ts';
import type { PlannedOperator } from '../plan.ts';

/** Looks at one operator of a plan; pure. Returns the anti-patterns it sees, none for a right program. */
export type Guard = (operator: PlannedOperator) => readonly GuardFinding[];

/**
 * Times above it are without end, for a process that is to run: nobody waits so long for a record, and what is kept meanwhile has
 * no bound that anybody has thought of. Milliseconds; a year.
 */
export const ENDLESS_MS = 365 * 86_400_000;
