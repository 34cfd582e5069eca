import { LRUCache } from 'lru-cache';
import { MillraceError, messageOf } from 'millrace';
import { malformed } from '../mapping/malformed.ts';
import type { Decode } from './kind.ts';

/** How values of a schema id are read, or why they cannot be. */
export interface Decoder<T> {
  readonly decode: Decode<T>;
  /** Whether the registry may have it another time. */
  readonly askAgain: boolean;
  /** Records that were announced and not decoded yet. */
  waiting: number;
}

/** A decoder of values that can be read. */
export const readable = <T>(decode: Decode<T>): Decoder<T> => ({ decode, askAgain: false, waiting: 0 });

/** A decoder of values whose schema the registry does not have. */
export function unknownSchema<T>(id: number, url: string): Decoder<T> {
  return failing(
    `schema id ${id} is not known to the schema registry ${url}; was it written through another one?`,
    true,
  );
}

/** A decoder of values that were written with a schema that the program cannot read. */
export function unreadableSchema<T>(id: number, error: unknown, askAgain: boolean = false): Decoder<T> {
  return failing(`schema id ${id}: ${error instanceof MillraceError ? error.message : messageOf(error)}`, askAgain);
}

function failing<T>(message: string, askAgain: boolean): Decoder<T> {
  const decode = (): T => {
    throw malformed(message);
  };
  return { decode, askAgain, waiting: 0 };
}

/**
 * Decoders by schema id, the least recently used of which is forgotten. Those that records wait for are kept in any case: decoding
 * cannot ask the registry.
 */
export class Decoders<T> {
  private readonly recent: LRUCache<number, Decoder<T>>;
  private readonly kept = new Map<number, Decoder<T>>();
  private lastId = -1;
  private last: Decoder<T> | undefined;

  constructor(max: number) {
    this.recent = new LRUCache({
      max,
      dispose: (decoder, id, reason) => {
        if (reason === 'evict' && decoder.waiting > 0) this.kept.set(id, decoder);
        if (this.lastId === id) this.last = undefined;
      },
    });
  }

  /** Number of decoders that are held. */
  get size(): number {
    return this.recent.size + this.kept.size;
  }

  find(id: number): Decoder<T> | undefined {
    return this.recent.get(id) ?? this.kept.get(id);
  }

  /** Takes a decoder for `count` records that come, and those that wait already. */
  announce(id: number, count: number, decoder: Decoder<T>): void {
    decoder.waiting = count + (this.find(id)?.waiting ?? 0);
    this.kept.delete(id);
    this.last = undefined;
    this.recent.set(id, decoder);
  }

  /** For the next record; `undefined`: it was not announced. */
  take(id: number): Decoder<T> | undefined {
    const decoder = id === this.lastId && this.last !== undefined ? this.last : this.find(id);
    if (decoder === undefined) return undefined;
    this.lastId = id;
    this.last = decoder;
    if (decoder.waiting > 0 && --decoder.waiting === 0 && this.kept.size > 0) this.kept.delete(id);
    return decoder;
  }
}
