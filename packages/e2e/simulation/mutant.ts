/** A fault in one place of the engine or of a connector that the simulation must find. */
export interface Mutant {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const lines = (...texts: readonly string[]): string => texts.join('\n');
