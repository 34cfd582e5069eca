import type { Mutant } from './mutant.ts';

/** Of the Kafka connector. */
export const KAFKA_MUTANTS: readonly Mutant[] = [];
