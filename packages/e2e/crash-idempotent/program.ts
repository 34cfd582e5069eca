/** Moments between any two steps of a record, and of the offsets behind it. */
export const STEPS = [
  'fetched',
  'connected',
  'begun',
  'inserted',
  'first effect',
  'second effect',
  'committing',
  'committed',
  'handled',
  'committing offsets',
  'offsets committed',
] as const;

export type Step = (typeof STEPS)[number];

/** What is paid. */
export interface Payment {
  readonly id: string;
  readonly account: string;
  readonly cents: number;
}

export interface WorkerProgram {
  readonly bootstrap: string;
  readonly topic: string;
  readonly postgres: string;
  /** It dies the `nth` time that it gets here. */
  readonly crash?: { readonly step: Step; readonly nth: number };
}
