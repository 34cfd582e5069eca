import type { Clock, Random, Scheduler } from 'millrace';

/** What happens at the broker by itself. */
export type BrokerEvent = 'transaction expired' | 'session expired';

/** What a modelled broker is made of. */
export interface BrokerParts {
  readonly clock: Clock;
  /** Carries what is under way: requests, answers, control records. */
  readonly scheduler: Scheduler;
  /** Time-outs; they keep no process from ending. */
  readonly timers: Scheduler;
  readonly random: Random;
  /** How long a request or an answer is under way, milliseconds. */
  readonly travelMs: () => number;
  readonly happened: (event: BrokerEvent) => void;
  /** Whether the broker takes requests; while it restarts it does not. */
  isUp(): boolean;
  whenUp(run: () => void): void;
}
