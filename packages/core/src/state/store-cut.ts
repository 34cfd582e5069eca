/** The entries of one store at a cut. */
export interface StoreCut {
  /** Writes up to `entriesMax` entries. Returns how much of that is left: 0 while there may be more. */
  step(entriesMax: number): number;
}
