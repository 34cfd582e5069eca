import type { Letter, LetterBox } from '../letters.ts';
import { letterJson } from '../output/letter-json.ts';
import { beginningOf, oneLine } from '../output/printable.ts';
import { table } from '../output/table.ts';
import type { Io } from '../io.ts';
import { Chooser, type Filter } from './filter.ts';
import { shownTime } from './time.ts';

export type State = 'open' | 'retried' | 'dropped' | 'any';

/** How letters are listed. */
export interface ListOptions {
  readonly filter: Filter;
  readonly state: State;
  readonly limit: number;
  readonly json: boolean;
}

const VALUE_SHOWN = 48;

/** Lists letters. Returns the exit code. */
export async function list(box: LetterBox, { filter, state, limit, json }: ListOptions, io: Io): Promise<number> {
  const chooser = new Chooser(filter);
  const rows: string[][] = [];
  let [shown, more] = [0, false];
  for await (const letter of box.read()) {
    if (!chooser.choose(letter) || (state !== 'any' && state !== stateOf(letter))) continue;
    more = shown === limit;
    if (more) break;
    shown++;
    if (json) io.out(letterJson(letter));
    else rows.push(rowOf(letter));
  }
  if (json) return 0;
  const names = ['id', 'time (UTC)', 'error', 'operator', 'topic', 'value'];
  if (rows.length > 0)
    io.out(
      table(
        state === 'any' ? [...names, 'state'] : names,
        rows.map((row) => (state === 'any' ? row : row.slice(0, -1))),
      ),
    );
  const what = state === 'any' ? '' : `${state} `;
  io.say(`${shown} ${what}${shown === 1 ? 'letter' : 'letters'}${more ? ', and more: --limit' : ''}`);
  return 0;
}

export const stateOf = ({ mark }: Letter): Exclude<State, 'any'> => mark?.state ?? 'open';

function rowOf(letter: Letter): string[] {
  const { id, time, code, operator = '', topic, partition, source, value } = letter;
  const from = topic ?? partition ?? source ?? '';
  const texts = [id, shownTime(time), code, operator, from].map(oneLine);
  return [...texts, beginningOf(value, VALUE_SHOWN), stateOf(letter)];
}
