import type { GuardFinding } from '../../model/index.ts';
import type { Plan } from '../plan.ts';
import { connectorFindings } from './connector-findings.ts';
import type { Guard } from './guard.ts';
import { unboundedLateness } from './unbounded-lateness.ts';
import { unboundedState } from './unbounded-state.ts';
import { unboundedWindow } from './unbounded-window.ts';

const GUARDS: readonly Guard[] = [connectorFindings, unboundedLateness, unboundedState, unboundedWindow];

/** The anti-patterns that a plan shows before it runs, in the order of its operators. */
export function findAntiPatterns({ operators }: Plan): readonly GuardFinding[] {
  return operators.flatMap((operator) => GUARDS.flatMap((guard) => guard(operator)));
}
