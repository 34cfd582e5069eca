import { messageOf, type Logger, type Scheduler } from 'millrace';
import type { OutgoingRecord, ProducerDriver, ProducerEvents } from '../driver/driver.ts';
import { CALL_MS, watchedOpening } from '../driver/watchdog.ts';
import type { Entry } from './entry.ts';
import type { Receiver } from './lane-host.ts';
import type { Delivered } from './producer-types.ts';

/** What a slot is made of. */
export interface ClientSlotParts {
  readonly open: (events: ProducerEvents) => Promise<ProducerDriver>;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** There is a client. */
  readonly opened: () => void;
  readonly delivered: (receiver: Receiver, entry: Entry, place: Delivered) => void;
  /** The client is gone, with all that it had. */
  readonly gone: () => void;
}

interface Flight {
  readonly receiver: Receiver;
  readonly entry: Entry;
}

/** Records of a batch are told one after the other: so long a client is waited for that has refused one, milliseconds. */
const GRACE_MS = 50;
const FIRST_DELAY_MS = 250;
const LAST_DELAY_MS = 5_000;

/**
 * The client of a producer, one after another.
 *
 *   opening --> open --replace--> closing --> opening
 *
 * A client is not used any more once it has given a record up: those behind it must not overtake it. The next one is opened when it
 * is closed.
 */
export class ClientSlot {
  private readonly parts: ClientSlotParts;
  private client: ProducerDriver | undefined;
  private flights = new Map<number, Flight>();
  private nextId = 1;
  private replacing = false;
  /** Clients in a row that were of no use. */
  private fruitless = 0;
  private closed = false;

  constructor(parts: ClientSlotParts) {
    this.parts = parts;
  }

  /** The first try. @throws whatever the driver says */
  async open(): Promise<void> {
    const { scheduler } = this.parts;
    const flights = new Map<number, Flight>();
    const events: ProducerEvents = {
      delivered: (id, place) => {
        const flight = this.landed(flights, id);
        if (flight === undefined) return;
        this.fruitless = 0;
        this.parts.delivered(flight.receiver, flight.entry, place);
      },
      failed: (error, _record, id) => {
        const flight = id === undefined ? undefined : this.landed(flights, id);
        if (flight !== undefined) flight.receiver.failed(flight.entry, error);
      },
    };
    const client = await watchedOpening('connecting the producer', scheduler, this.parts.open(events), CALL_MS);
    if (this.closed) return void client.close().catch(() => undefined);
    this.flights = flights;
    this.client = client;
    this.parts.opened();
  }

  /** Tries until there is a client. */
  async keepOpening(): Promise<void> {
    let told = false;
    for (let delayMs = FIRST_DELAY_MS; !this.closed; delayMs = Math.min(2 * delayMs, LAST_DELAY_MS)) {
      try {
        return await this.open();
      } catch (error) {
        if (!told) this.parts.logger.warn(`the producer has no connection: ${messageOf(error)} Trying again.`);
        told = true;
      }
      await this.pause(delayMs);
    }
  }

  private async pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => this.parts.scheduler.after(delayMs, resolve));
  }

  /** `false`: there is no client, or it has no room. */
  send(record: OutgoingRecord, receiver: Receiver, entry: Entry): boolean {
    if (this.client === undefined || !this.usable) return false;
    const id = this.nextId++;
    if (!this.client.send(record, id)) return false;
    this.flights.set(id, { receiver, entry });
    return true;
  }

  /** Whether there is a client that takes records when it has room. */
  get usable(): boolean {
    return this.client !== undefined && !this.replacing;
  }

  /** @param progress whether something came of the client: what it said of a record changes what is sent next */
  replace(reason: Error, progress: boolean): void {
    if (progress) this.fruitless = 0;
    if (this.replacing || this.client === undefined || this.closed) return;
    this.replacing = true;
    this.parts.logger.warn(`the producer's client is replaced: ${messageOf(reason)}`);
    this.parts.scheduler.after(GRACE_MS, () => void this.exchange());
  }

  async close(): Promise<void> {
    this.closed = true;
    const { client } = this;
    this.client = undefined;
    this.flights = new Map();
    // Given up, whatever it says: what it had is on disk, or its sender is told.
    await client?.close().catch((error: unknown) => {
      this.parts.logger.warn(`the producer's client cannot be closed: ${messageOf(error)}`);
    });
  }

  private async exchange(): Promise<void> {
    const { client } = this;
    if (this.closed || client === undefined) return;
    this.client = undefined;
    this.flights = new Map();
    this.parts.gone();
    await client.close().catch(() => undefined);
    this.replacing = false;
    if (this.fruitless > 0) await this.pause(Math.min(FIRST_DELAY_MS * 2 ** (this.fruitless - 1), LAST_DELAY_MS));
    this.fruitless++;
    await this.keepOpening();
  }

  /** What an old client says comes too late. */
  private landed(flights: Map<number, Flight>, id: number): Flight | undefined {
    if (flights !== this.flights) return undefined;
    const flight = flights.get(id);
    flights.delete(id);
    return flight;
  }
}
