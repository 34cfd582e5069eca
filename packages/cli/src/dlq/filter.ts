import type { Choose, Letter } from '../letters.ts';

/** Which letters are meant; all of what is given must hold. */
export interface Filter {
  readonly ids: readonly string[];
  readonly error?: string;
  readonly operator?: string;
  /** Epoch milliseconds, inclusive. */
  readonly since?: number;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number;
}

export function isEmpty({ ids, ...rest }: Filter): boolean {
  return ids.length === 0 && Object.values(rest).every((value) => value === undefined);
}

/** Asks for letters, and remembers which of the ids there were. */
export class Chooser {
  private readonly filter: Filter;
  private readonly ids: ReadonlySet<string>;
  private readonly missing: Set<string>;

  constructor(filter: Filter) {
    this.filter = filter;
    this.ids = new Set(filter.ids);
    this.missing = new Set(filter.ids);
  }

  readonly choose: Choose = (letter) => {
    if (this.ids.size > 0) {
      if (!this.ids.has(letter.id)) return false;
      this.missing.delete(letter.id);
    }
    return this.holds(letter);
  };

  /** Ids that no letter had. */
  get unknown(): readonly string[] {
    return [...this.missing];
  }

  private holds({ code, operator, time }: Letter): boolean {
    const { filter } = this;
    if (filter.error !== undefined && filter.error !== code) return false;
    if (filter.operator !== undefined && filter.operator !== operator) return false;
    if (filter.since === undefined && filter.until === undefined) return true;
    return time !== null && time >= (filter.since ?? -Infinity) && time < (filter.until ?? Infinity);
  }
}
