import { parseFlags, someText, wholeNumber } from './flags.ts';
import { UsageError } from './usage-error.ts';
import { windowMs } from './window.ts';

/** What to read: files the user named, the bundled one, or orders to be generated first. */
export type Input =
  | { readonly kind: 'files'; readonly patterns: readonly string[] }
  | { readonly kind: 'bundled' }
  | { readonly kind: 'generated'; readonly orders: number | undefined; readonly seed: number | undefined };

/** The command line, checked as far as that is possible without looking at a disk. */
export interface Options {
  readonly help: boolean;
  readonly input: Input;
  readonly output: string;
  readonly windowMs: number;
  readonly summary: string | undefined;
  readonly ratePerSecond: number | undefined;
  /** Starts over, whatever is in the output folder. */
  readonly fresh: boolean;
}

const FLAGS = {
  input: { type: 'string', multiple: true },
  output: { type: 'string', default: 'out/revenue' },
  window: { type: 'string', default: '5m' },
  summary: { type: 'string' },
  rate: { type: 'string' },
  orders: { type: 'string' },
  seed: { type: 'string' },
  fresh: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Bounds of mistyped numbers, not of the job: a billion orders are 120 GB. */
const RATE_MAX = 1_000_000_000;
const ORDERS_MAX = 1_000_000_000;

export function parseOptions(argv: readonly string[]): Options {
  const flags = parseFlags(argv, FLAGS);
  const optional = <T>(text: string | undefined, parse: (text: string) => T) =>
    text === undefined ? undefined : parse(text);
  return {
    help: flags.help,
    fresh: flags.fresh,
    input: inputOf(
      flags.input,
      optional(flags.orders, (text) => wholeNumber('--orders', text, 1, ORDERS_MAX)),
      optional(flags.seed, (text) => wholeNumber('--seed', text, 0, Number.MAX_SAFE_INTEGER)),
    ),
    output: someText('--output', flags.output),
    windowMs: windowMs(flags.window),
    summary: optional(flags.summary, (text) => someText('--summary', text)),
    ratePerSecond: optional(flags.rate, (text) => wholeNumber('--rate', text, 1, RATE_MAX)),
  };
}

function inputOf(patterns: readonly string[] | undefined, orders: number | undefined, seed: number | undefined): Input {
  const generate = orders !== undefined || seed !== undefined;
  if (patterns === undefined) return generate ? { kind: 'generated', orders, seed } : { kind: 'bundled' };
  if (generate) throw new UsageError('--orders and --seed generate the input: leave them out, or leave out --input');
  return { kind: 'files', patterns: patterns.map((text) => someText('--input', text)) };
}
