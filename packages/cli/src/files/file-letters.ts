import { stat } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError, optionError, systemClock } from 'millrace';
import type {
  Choose,
  DropOptions,
  Letter,
  LetterBox,
  MarkingOptions,
  MarkingResult,
  RetryOptions,
} from '../letters.ts';
import { nodeDisk, type Disk } from './disk.ts';
import { Journal, type JournalLetter } from './journal.ts';
import { letterOf, linesOf, printOf } from './letter-lines.ts';
import { stage, tidy } from './staging.ts';

const LETTERS_NAME = /^[^.].*\.(ndjson|jsonl|json)$/;
const NEW_LINE = 0x0a;
/** What is given back at once, at most. */
const BATCH_LETTERS = 50_000;
const BATCH_BYTES = 32 * 1024 * 1024;

/** How files of letters are handled. */
export interface FileOptions {
  readonly disk?: Disk;
  /** Letters that are given back at once, at most. Default 50,000. */
  readonly batch?: number;
}

/** A letter with its place, and what was done with it. */
interface Found {
  readonly letter: Letter;
  readonly place: JournalLetter;
}

/**
 * Opens the dead letters that `deadLetter(ndjson.sink(folder))` has written: a folder, or one file.
 *
 * @throws MillraceError `IO_NOT_FOUND`
 */
export async function fileLetters(from: string, options: FileOptions = {}): Promise<LetterBox> {
  const place = path.resolve(from);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined)
    throw new MillraceError('IO_NOT_FOUND', {
      message: `${from} does not exist. Give the folder or file of the dead letters, or --bootstrap for those of Kafka.`,
      fields: { path: place },
    });
  const folder = found.isDirectory() ? place : path.dirname(place);
  return new FileLetters(folder, found.isDirectory() ? undefined : path.basename(place), options);
}

class FileLetters implements LetterBox {
  private readonly folder: string;
  /** The one file that is meant; `undefined`: all in the folder. */
  private readonly only: string | undefined;
  private readonly disk: Disk;
  private readonly batch: number;

  constructor(folder: string, only: string | undefined, { disk = nodeDisk, batch = BATCH_LETTERS }: FileOptions) {
    this.folder = folder;
    this.only = only;
    this.disk = disk;
    this.batch = batch;
  }

  async *read(): AsyncGenerator<Letter> {
    for await (const { letter } of this.found(await Journal.read(this.folder, this.disk))) yield letter;
  }

  async find(id: string): Promise<Letter | undefined> {
    for await (const letter of this.read()) if (letter.id === id) return letter;
    return undefined;
  }

  async retry(choose: Choose, { to, ...options }: RetryOptions): Promise<MarkingResult> {
    if (to === undefined)
      throw optionError('to', to, 'the folder that a job reads: a file with the records is put there, complete');
    const target = path.resolve(to);
    // They would be taken for letters.
    if (target === this.folder) throw optionError('to', to, 'another folder than that of the letters');
    return this.mark(
      choose,
      options,
      async (journal, batch) => {
        const lines = batch.map(({ letter }) => letter.value as Uint8Array);
        const returned = await stage(this.disk, target, { letters: this.folder, journal }, lines);
        const letters = batch.map(({ place }) => place);
        try {
          await journal.append({ state: 'retried', at: systemClock.now(), returned, letters });
        } catch (error) {
          if (error instanceof MillraceError && error.code === 'CHECKPOINT_FENCED')
            await this.disk.remove(returned.staged);
          throw error;
        }
        await journal.finish();
        await tidy(this.disk, target, { letters: this.folder, journal });
      },
      obstacleOf,
    );
  }

  drop(choose: Choose, { reason, ...options }: DropOptions): Promise<MarkingResult> {
    return this.mark(choose, options, async (journal, batch) => {
      const letters = batch.map(({ place }) => place);
      const given = reason === undefined ? {} : { reason };
      await journal.append({ state: 'dropped', at: systemClock.now(), ...given, letters });
      await journal.finish();
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async mark(
    choose: Choose,
    { dryRun = false, limit = Infinity, onProgress = () => undefined }: MarkingOptions,
    act: (journal: Journal, batch: readonly Found[]) => Promise<void>,
    refused: (letter: Letter) => string | undefined = () => undefined,
  ): Promise<MarkingResult> {
    const journal = await Journal.read(this.folder, this.disk);
    if (!dryRun) await journal.finish();
    const obstacles: { readonly id: string; readonly reason: string }[] = [];
    let [done, before, bytes] = [0, 0, 0];
    let waiting: Found[] = [];
    const submit = async (): Promise<void> => {
      if (waiting.length === 0) return;
      if (!dryRun) await act(journal, waiting);
      done += waiting.length;
      [waiting, bytes] = [[], 0];
      onProgress(done);
    };
    for await (const one of this.found(journal)) {
      const { letter } = one;
      if (!choose(letter)) continue;
      const reason = refused(letter);
      if (letter.mark !== undefined) before++;
      else if (reason !== undefined) obstacles.push({ id: letter.id, reason });
      else {
        waiting.push(one);
        bytes += letter.value?.length ?? 0;
        if (waiting.length >= this.batch || bytes >= BATCH_BYTES) await submit();
        if (done + waiting.length >= limit) break;
      }
    }
    await submit();
    return { done, before, obstacles };
  }

  private async *found(journal: Journal): AsyncGenerator<Found> {
    const names = this.only === undefined ? await this.disk.names(this.folder) : [this.only];
    const files = this.only === undefined ? names.filter((name) => LETTERS_NAME.test(name)).sort() : names;
    for (const file of files) {
      for await (const line of linesOf(path.join(this.folder, file))) {
        const place = { file, line: line.number, print: printOf(line) };
        const letter = letterOf(`${file}:${line.number}`, line);
        const mark = journal.markOf(file, place.line, place.print);
        yield { place, letter: mark === undefined ? letter : { ...letter, mark } };
      }
    }
  }
}

/** Why a letter cannot be given back. */
function obstacleOf({ window, value }: Letter): string | undefined {
  if (window !== undefined)
    return `it stands for the window ${window}, which many records went into: there is no record to write again`;
  if (value === null) return 'it holds no record';
  return value.includes(NEW_LINE)
    ? 'its record has several lines, and a file would make several records of it'
    : undefined;
}
