import { CORE_MUTANTS } from './core-mutants.ts';
import { KAFKA_MUTANTS } from './kafka-mutants.ts';
import type { Mutant } from './mutant.ts';

/** Faults of the protocol that the simulation must find. */
export const MUTANTS: readonly Mutant[] = [...CORE_MUTANTS, ...KAFKA_MUTANTS];
