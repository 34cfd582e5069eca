import { optionError } from './option-error.ts';

/**
 * Refuses an options bag with a name in it that nobody reads: a misspelt `shema` would mean no validation at all.
 *
 * @param where what the options belong to, such as `ndjson()`
 */
export function checkOptions(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw optionError(`options of ${where}`, options, 'an object');
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw optionError(`options of ${where}`, `{ ${name} }`, `made of ${known.join(', ')}`);
  }
}
