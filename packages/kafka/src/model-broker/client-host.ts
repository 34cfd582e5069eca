import type { Clock, Scheduler } from 'millrace';

/** The calls of a client by which a job's protocol goes on, in their order. */
export const KAFKA_STEPS = [
  'producer connected',
  'predecessor locked out',
  'marker read',
  'offsets looked up',
  'transaction begun',
  'output sent',
  'output flushed',
  'group joined',
  'offsets sent',
  'transaction committed',
] as const;

/** @see KAFKA_STEPS */
export type KafkaStep = (typeof KAFKA_STEPS)[number];

/**
 * What becomes of one call. Whether it is `answered` late or not at all, the client hears no more than "timed out":
 *
 *   request lost        it never took effect
 *   request delayed     it takes effect later, when the client has given up waiting
 *   answer lost         it took effect
 *   answer late         it took effect, and the client hears of it so late that whoever asked has given up
 */
export type Fate = 'answered' | 'request lost' | 'request delayed' | 'answer lost' | 'answer late';

/** The process that a client lives in. */
export interface ClientHost {
  readonly clock: Clock;
  /** What it runs dies with the process. */
  readonly scheduler: Scheduler;
  isAlive(): boolean;
  /** An answer arrives after `delayMs`; never, if the process is dead by then. */
  deliver(delayMs: number, run: () => void): void;
  /** Right before a step takes effect; may end the process. `local`: no request is under way, so that none can be lost. */
  before(step: KafkaStep, local: boolean): Fate;
  /** Right after it. */
  after(step: KafkaStep): void;
}
