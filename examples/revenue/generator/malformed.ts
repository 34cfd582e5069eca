import { utc } from './event-time.ts';

/** A line's bytes where it is not text. */
export type Line = string | Buffer;

const REST = `"order_id":"o-x","customer_id":"c-x"`;

/**
 * Everything that goes wrong with input, once each; the generator uses them in turn so that none is missing. Only lines
 * that every reader calls broken, also one that takes bytes for text unseen or lets `Date.parse` judge: the benchmark's
 * hand-written loop must come to the same result. The subtle ones (30 February, Latin-1 in a text) are in the tests.
 */
const KINDS: readonly ((timeMs: number) => Line)[] = [
  () => 'this is not JSON',
  (t) => `{${REST},"amount":12.5,"category":"books","event_ti${t % 10}`,
  (t) => `["o-x","c-x",12.5,"books",${t}]`,
  () => 'null',
  () => '17',
  () => '{}',
  (t) => `{${REST},"amount":12.5,"category":"books","event_time":${t},}`,
  (t) => `{${REST},'amount':12.5,"category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":012.5,"category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":NaN,"category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":1,"category":"books","event_time":${t}}{${REST}}`,
  (t) => `{${REST},"amount":1,"category":"a\u0001b","event_time":${t}}`,
  (t) => Buffer.from(`{${REST},"amount":1,"category":"books","event_time":${t}}\xff`, 'latin1'),
  (t) => Buffer.from(`{${REST},"amount":1,"category":"books",\xe9,"event_time":${t}}`, 'latin1'),
  (t) => `{"customer_id":"c-x","amount":12.5,"category":"books","event_time":${t}}`,
  (t) => `{"order_id":null,"customer_id":"c-x","amount":12.5,"category":"books","event_time":${t}}`,
  (t) => `{"order_id":"o-x","customer_id":4711,"amount":12.5,"category":"books","event_time":${t}}`,
  (t) => `{${REST},"category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":"12.50","category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":null,"category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":1.005,"category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":90071992547409920,"category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":1e999,"category":"books","event_time":${t}}`,
  (t) => `{${REST},"amount":12.5,"category":["books"],"event_time":${t}}`,
  (t) => `{${REST},"amount":12.5,"category":true,"event_time":${t}}`,
  () => `{${REST},"amount":12.5,"category":"books"}`,
  (t) => `{${REST},"amount":12.5,"category":"books","event_time":"${t}"}`,
  (t) => `{${REST},"amount":12.5,"category":"books","event_time":${t}.5}`,
  () => `{${REST},"amount":12.5,"category":"books","event_time":true}`,
  (t) => `{${REST},"amount":12.5,"category":"books","event_time":"${utc(t)}"}`,
  (t) => `{${REST},"amount":12.5,"category":"books","event_time":"${utc(t).slice(0, 10)}"}`,
  (t) => `{${REST},"amount":12.5,"category":"books","event_time":"${utc(t).replace('T', ' ')}Z"}`,
  () => `{${REST},"amount":12.5,"category":"books","event_time":"2026-01-32T08:00:00Z"}`,
  () => `{${REST},"amount":12.5,"category":"books","event_time":"2026-01-05T25:00:00Z"}`,
  () => `{${REST},"amount":12.5,"category":"books","event_time":"Order 5"}`,
];

/** The `turn`-th broken line: turns go through all kinds, again and again. */
export function malformedLine(turn: number, timeMs: number): Line {
  const kind = KINDS[turn % KINDS.length];
  if (kind === undefined) throw new RangeError(`no kind of malformed line for turn ${turn}`);
  return kind(timeMs);
}
