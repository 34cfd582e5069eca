import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';

type Flags = NonNullable<ParseArgsConfig['options']>;

/** `parseArgs`, strict, with its errors as one short line. */
export function parseFlags<const F extends Flags>(argv: readonly string[], flags: F) {
  try {
    return parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${describe(error)}; the flags are ${names(flags)}`);
  }
}

/** A whole number written in digits only, from `min` to `max`. */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${flag} is ${JSON.stringify(text)}, but must be a whole number from ${min} to ${max}`);
}

/** The value of a flag that must not be empty, such as a path. */
export function someText(flag: string, text: string): string {
  if (text !== '' && !text.includes('\0')) return text;
  throw new UsageError(`${flag} is ${JSON.stringify(text)}, but must name a file or a folder`);
}

/** parseArgs explains at length, over several lines; its first sentence says it all. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const first = (message.split('\n')[0] ?? '').replace(/\. (To specify|This command)\b.*$/, '').replace(/\.$/, '');
  if (!/ambiguous$/.test(first)) return first;
  const flag = /--[\w-]+/.exec(first)?.[0] ?? 'the flag';
  return `${flag} needs a value; one that begins with a dash is written ${flag}=-VALUE`;
}

function names(flags: Flags): string {
  return Object.keys(flags)
    .map((name) => `--${name}`)
    .join(' ');
}
