import type { Io } from '../io.ts';
import type { LetterBox, MarkingOptions, MarkingResult } from '../letters.ts';
import { Chooser, type Filter } from './filter.ts';

/** Not everything that was asked for could be done. */
const PARTLY = 3;
const OBSTACLES_SHOWN = 20;

/** What retrying and dropping have in common. */
export interface MarkOptions {
  readonly filter: Filter;
  readonly dryRun: boolean;
  readonly limit?: number;
}

/** Gives letters back. Returns the exit code. */
export function retry(box: LetterBox, options: MarkOptions & { readonly to?: string }, io: Io): Promise<number> {
  const { to } = options;
  const given = to === undefined ? {} : { to };
  return marked(options, io, 'given back', (choose, more) => box.retry(choose, { ...more, ...given }));
}

/** Marks letters as dropped. Returns the exit code. */
export function drop(box: LetterBox, options: MarkOptions & { readonly reason?: string }, io: Io): Promise<number> {
  const { reason } = options;
  const given = reason === undefined ? {} : { reason };
  return marked(options, io, 'dropped', (choose, more) => box.drop(choose, { ...more, ...given }));
}

async function marked(
  { filter, dryRun, limit }: MarkOptions,
  io: Io,
  verb: string,
  act: (choose: Chooser['choose'], options: MarkingOptions) => Promise<MarkingResult>,
): Promise<number> {
  const chooser = new Chooser(filter);
  const onProgress = (done: number): void => {
    if (!dryRun) io.say(`${done} ${verb}`);
  };
  const result = await act(chooser.choose, { dryRun, ...(limit !== undefined && { limit }), onProgress });
  const { done, before, obstacles } = result;
  io.out(`${done} ${done === 1 ? 'letter' : 'letters'} ${dryRun ? 'would be ' : ''}${verb}`);
  if (before > 0) io.out(`${before} had been retried or dropped before`);
  for (const { id, reason } of obstacles.slice(0, OBSTACLES_SHOWN)) io.say(`${id} cannot be given back: ${reason}`);
  if (obstacles.length > OBSTACLES_SHOWN) io.say(`and ${obstacles.length - OBSTACLES_SHOWN} more cannot be given back`);
  // Where a limit ends the search, others may come behind it.
  const unknown = limit === undefined ? chooser.unknown : [];
  for (const id of unknown) io.say(`there is no letter ${id}`);
  return obstacles.length + unknown.length > 0 ? PARTLY : 0;
}
