/** How much is measured. */
export interface BenchOptions {
  readonly quick: boolean;
  /** Measured rounds; each runs every contender once. */
  readonly rounds: number;
  /** Records of the orders job. */
  readonly orders: number;
}

/** A ratio or a size held against what was promised. */
export interface Bar {
  readonly what: string;
  readonly value: number;
  /** The bar in words, such as `>= 0.7`. */
  readonly bar: string;
  readonly met: boolean;
}

/** Figures of one contender. */
export interface Figures {
  readonly contender: string;
  /** Median wall time of a run, milliseconds. */
  readonly medianMs: number;
  readonly recordsPerSecond: number;
}

/** What came of a case. `wrong` names results that are not what they must be; speed is never wrong. */
export interface CaseResult {
  readonly name: string;
  readonly figures: readonly Figures[];
  readonly bars: readonly Bar[];
  readonly notes: readonly string[];
  readonly wrong: readonly string[];
}

/** Something to measure. */
export interface BenchCase {
  readonly name: string;
  readonly about: string;
  run(options: BenchOptions): Promise<CaseResult>;
}
