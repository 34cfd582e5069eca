import type { Cancellable } from 'millrace';
import type { BrokerParts } from './broker-parts.ts';
import { BrokerError, CODES } from './broker-error.ts';
import type { Group } from './group.ts';
import type { Outcome, PartitionLog } from './partition-log.ts';

/** Who writes: a producer id, and which of its lives. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly epoch: number;
}

/** What the coordinator keeps of one transactional id. */
interface Transactional {
  epoch: number;
  timeoutMs: number;
  /** `deciding`: the outcome stands, its control records are being written. */
  state: 'empty' | 'ongoing' | 'deciding';
  outcome: Outcome;
  readonly partitions: Set<PartitionLog>;
  readonly groups: Set<Group>;
  expiry: Cancellable | undefined;
}

/**
 * The transaction coordinator.
 *
 *   empty --first record or offset--> ongoing --end--> deciding --all control records written--> empty
 *                                        \--time-out, or a successor's init: aborted, and the epoch raised
 *
 * As brokers do for clients without KIP-890: an end carries only producer id and epoch. One that is late hits whichever
 * transaction of the same epoch is ongoing.
 */
export class Transactions {
  private readonly parts: BrokerParts;
  private readonly byId = new Map<string, Transactional>();

  constructor(parts: BrokerParts) {
    this.parts = parts;
  }

  /** A new epoch: predecessors are locked out from here on. Passing error while their transaction is being ended. */
  init(transactionalId: string, timeoutMs: number): ProducerIdentity {
    const known = this.byId.get(transactionalId);
    if (known === undefined) {
      const outcome: Outcome = { state: 'committed' };
      const sets = { partitions: new Set<PartitionLog>(), groups: new Set<Group>() };
      this.byId.set(transactionalId, { epoch: 0, timeoutMs, state: 'empty', outcome, ...sets, expiry: undefined });
      return { transactionalId, epoch: 0 };
    }
    if (known.state === 'ongoing') {
      known.epoch++;
      this.decide(known, 'aborted');
    }
    if (known.state === 'deciding') throw new BrokerError(CODES.concurrentTransactions);
    known.timeoutMs = timeoutMs;
    known.epoch++;
    return { transactionalId, epoch: known.epoch };
  }

  /** The transaction that something is written in; begins it if there is none. */
  join(producer: ProducerIdentity, member: PartitionLog | Group): Outcome {
    const transactional = this.current(producer);
    if (transactional.state === 'deciding') throw new BrokerError(CODES.concurrentTransactions);
    if (transactional.state === 'empty') {
      transactional.state = 'ongoing';
      transactional.outcome = { state: 'open' };
      const { outcome } = transactional;
      transactional.expiry = this.parts.timers.after(transactional.timeoutMs, () => {
        this.parts.whenUp(() => {
          if (transactional.outcome === outcome) this.expire(transactional);
        });
      });
    }
    if ('decide' in member) transactional.groups.add(member);
    else transactional.partitions.add(member);
    return transactional.outcome;
  }

  /** Commits or aborts whatever is ongoing. */
  end(producer: ProducerIdentity, state: 'committed' | 'aborted'): void {
    const transactional = this.current(producer);
    switch (transactional.state) {
      case 'ongoing':
        return this.decide(transactional, state);
      case 'deciding':
        if (transactional.outcome.state === state) throw new BrokerError(CODES.concurrentTransactions);
        throw new BrokerError(CODES.invalidTransactionState);
      case 'empty':
        // Told again, after it was done: no error.
        if (transactional.outcome.state !== state) throw new BrokerError(CODES.invalidTransactionState);
        return undefined;
      default:
        throw new Error('unreachable');
    }
  }

  /** As if the time of the ongoing transaction had run out. Returns whether there was one. */
  expireNow(transactionalId: string): boolean {
    const transactional = this.byId.get(transactionalId);
    return transactional !== undefined && this.expire(transactional);
  }

  private expire(transactional: Transactional): boolean {
    if (transactional.state !== 'ongoing') return false;
    transactional.epoch++;
    this.decide(transactional, 'aborted');
    this.parts.happened('transaction expired');
    return true;
  }

  private current({ transactionalId, epoch }: ProducerIdentity): Transactional {
    const transactional = this.byId.get(transactionalId);
    if (transactional === undefined || transactional.epoch !== epoch) throw new BrokerError(CODES.fenced);
    return transactional;
  }

  private decide(transactional: Transactional, state: 'committed' | 'aborted'): void {
    const { outcome, partitions, groups } = transactional;
    outcome.state = state;
    transactional.state = 'deciding';
    transactional.expiry?.cancel();
    let writing = partitions.size + groups.size;
    const marked = (): void => {
      if (--writing === 0) transactional.state = 'empty';
    };
    for (const log of partitions)
      this.soon(() => {
        log.appendMarker(outcome, this.parts.clock.now());
        marked();
      });
    for (const group of groups)
      this.soon(() => {
        group.decide(outcome);
        marked();
      });
    partitions.clear();
    groups.clear();
  }

  /** Control records are under way to each partition and group by themselves. */
  private soon(act: () => void): void {
    this.parts.scheduler.after(this.parts.travelMs(), () => this.parts.whenUp(act));
  }
}
