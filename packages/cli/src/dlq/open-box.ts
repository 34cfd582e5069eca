import path from 'node:path';
import { fileLetters } from '../files/file-letters.ts';
import { connectionOf, type ConnectionFlags } from '../kafka/connection.ts';
import type { KafkaModule } from '../kafka/load-kafka.ts';
import type { LetterBox } from '../letters.ts';
import { UsageError } from '../usage-error.ts';

/** Where letters lie, as the command line has it. */
export interface Place extends ConnectionFlags {
  readonly from?: string;
  /** Letters in one transaction. */
  readonly batch?: number;
}

export type Load = () => Promise<KafkaModule>;

/** Opens letters, and closes them whatever becomes of `act`. */
export async function withBox<T>(
  place: Place,
  load: Load,
  act: (box: LetterBox, from: string) => Promise<T>,
): Promise<T> {
  const { from, batch } = place;
  const connection = await connectionOf(place);
  if (from === undefined)
    throw new UsageError(
      connection === undefined
        ? '--from is missing: a folder or file of dead letters; with --bootstrap HOST:PORT, their topic'
        : '--from is missing: the topic of the dead letters; `millrace dlq ls` lists those that there are',
    );
  const box =
    connection === undefined
      ? await fileLetters(from, batch === undefined ? {} : { batch })
      : await (await load()).kafka.letters({ ...connection, topic: from, ...(batch !== undefined && { batch }) });
  try {
    return await act(box, from);
  } finally {
    await box.close();
  }
}

/** Topics of dead letters; `undefined`: no cluster is named. */
export async function topicsOf(place: Place, load: Load): Promise<readonly string[] | undefined> {
  const connection = await connectionOf(place);
  return connection === undefined ? undefined : (await load()).kafka.letterTopics(connection);
}

/** The id of a letter as the box has it: in one file the number of the line is enough. */
export async function idsOf(ids: readonly string[], place: Place): Promise<readonly string[]> {
  if (place.from === undefined || (await connectionOf(place)) !== undefined) return ids;
  const file = path.basename(place.from);
  return ids.map((id) => (/^\d+$/.test(id) ? `${file}:${id}` : id));
}
