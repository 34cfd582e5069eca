import { MillraceError } from 'millrace';
import type { Io } from '../io.ts';
import type { Letter, LetterBox } from '../letters.ts';
import { beginningOf, oneLine, textOf } from '../output/printable.ts';
import { stateOf } from './ls.ts';
import { shownTime } from './time.ts';

const HEX_LINE = 32;

/** Shows one letter, its value whole. Returns the exit code. */
export async function show(box: LetterBox, id: string, from: string, io: Io): Promise<number> {
  const letter = await box.find(id);
  if (letter === undefined)
    throw new MillraceError('IO_NOT_FOUND', {
      message: `There is no letter ${id} in ${from}, or no more. \`millrace dlq ls --state any\` lists those that there are.`,
      fields: { id },
    });
  const fields = fieldsOf(letter).filter(([, value]) => value !== undefined);
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value = ''] of fields) io.out(`${name.padEnd(width)}  ${value}`);
  io.out('');
  io.out(wholeValue(letter.value));
  return 0;
}

function fieldsOf(letter: Letter): readonly (readonly [name: string, value: string | undefined])[] {
  const { code, message, operator, source, topic, partition, offset, window, truncated, mark } = letter;
  const marked =
    mark === undefined
      ? undefined
      : [shownTime(mark.at), mark.to && `to ${mark.to}`, mark.reason && `because: ${mark.reason}`];
  const written: readonly (readonly [string, string | undefined])[] = [
    ['id', letter.id],
    ['state', [stateOf(letter), ...(marked ?? [])].filter((one) => one !== undefined && one !== '').join(' ')],
    ['time', shownTime(letter.time)],
    ['error', code],
    ['message', message],
    ['operator', operator],
    ['source', source],
    ['topic', topic],
    ['partition', partition],
    ['offset', offset],
    ['window', window],
    ['timestamp', letter.timestamp === null ? undefined : `${letter.timestamp} (${shownTime(letter.timestamp)})`],
    ['key', letter.key === null ? undefined : beginningOf(letter.key, 1_000)],
    [
      'value',
      truncated === undefined
        ? undefined
        : `only its first ${letter.value?.length ?? 0} of ${truncated} bytes were kept`,
    ],
    ...letter.headers.map(([name, bytes]) => [`header ${name}`, beginningOf(bytes, 1_000)] as const),
  ];
  return written.map(([name, value]) => [
    name,
    value === undefined ? undefined : name === 'message' ? oneLine(value) : value,
  ]);
}

/** Text as it is; other bytes as hexadecimal digits. */
function wholeValue(value: Uint8Array | null): string {
  if (value === null) return '(no value: a tombstone)';
  const text = textOf(value);
  if (text !== undefined) return text;
  const hex = Buffer.from(value).toString('hex');
  return hex.match(new RegExp(`.{1,${2 * HEX_LINE}}`, 'g'))?.join('\n') ?? '';
}
