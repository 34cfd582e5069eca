import { Arrivals } from './arrivals.ts';
import { malformedLine } from './malformed.ts';
import { orderLine } from './order-line.ts';
import { Random } from './random.ts';

/** What to generate: the same two numbers give the same bytes, always. */
export interface OrdersSpec {
  /** Lines that are not blank; some of them are malformed. */
  readonly orders: number;
  readonly seed: number;
}

const MALFORMED_PER_MILLE = 8;
const BLANK_PER_MILLE = 3;
const CRLF_PER_MILLE = 5;
const BLANKS = ['', '  ', '\t', ' \r'];

/** Chunks of about this size: large enough that a write costs little, small enough that memory stays flat. */
const CHUNK_CHARS = 64 * 1024;

/** The lines of an orders file, as chunks of bytes. Lazy: memory does not grow with the number of orders. */
export function* orderChunks({ orders, seed }: OrdersSpec): Generator<{ bytes: Buffer; orders: number }> {
  const random = new Random(seed);
  const arrivals = new Arrivals(orders, random);
  let malformed = 0;
  let text = '';
  for (let index = 1; index <= orders; index++) {
    const timeMs = arrivals.next();
    const special = random.below(1_000);
    if (special < MALFORMED_PER_MILLE) {
      const line = malformedLine(malformed++, timeMs);
      if (typeof line === 'string') text += line;
      else {
        yield { bytes: Buffer.concat([Buffer.from(text), line]), orders: index };
        text = '';
      }
    } else text += orderLine(index, timeMs, random);
    text += special >= 1_000 - CRLF_PER_MILLE ? '\r\n' : '\n';
    if (random.chance(BLANK_PER_MILLE)) text += `${random.pick(BLANKS)}\n`;
    if (text.length >= CHUNK_CHARS) {
      yield { bytes: Buffer.from(text), orders: index };
      text = '';
    }
  }
  if (text !== '') yield { bytes: Buffer.from(text), orders };
}
