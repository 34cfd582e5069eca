import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { MillraceError } from 'millrace';
import type { Mark } from '../letters.ts';
import type { Disk } from './disk.ts';

/*
 * The journal of the letters in a folder: what was done with them, in files beside them that are made once and never changed.
 *
 *   <folder>/.letters/00000001.json    the first entry, 00000002.json the second, ...
 *   <folder>/.letters/<uuid>.tmp       one that was not finished; nobody reads it
 *
 * An entry (version 1) is decided when it has its number, which only one process can give it: the file is written and synced under
 * another name, and linked to the number, which fails if there is one. Who comes second has read a journal that is out of date, and stops.
 *
 *   { "version": 1, "state": "retried", "at": 1767600000000,
 *     "returned": { "staged": "/in/.retried-1f...-1.tmp", "file": "/in/retried-1f...-1.ndjson" },
 *     "letters": [{ "file": "part-0-0000000007-a.ndjson", "line": 12, "print": "mJ3..." }] }
 *
 * `returned` is what the letters were written to: `staged`, complete and synced before the entry, is renamed to `file` after it. While
 * `staged` exists this is still to be done, by whoever comes first: so the letters come to `file` exactly once, whenever a process
 * was killed, and also if somebody takes `file` away at once.
 */
const VERSION = 1;
const DIGITS = 8;
const NAME = /^(\d{8})\.json$/;
const FOLDER = '.letters';

/** A letter as the journal names it. */
export interface JournalLetter {
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
  /** Fingerprint of the line: a file of the same name may have come since. */
  readonly print: string;
}

/** Where letters were written to. */
export interface Returned {
  readonly staged: string;
  readonly file: string;
}

/** What was done with some letters at once. */
export interface Entry {
  readonly state: Mark['state'];
  readonly at: number;
  readonly reason?: string;
  readonly returned?: Returned;
  readonly letters: readonly JournalLetter[];
}

/** What was done with the letters in a folder. */
export class Journal {
  private readonly folder: string;
  private readonly disk: Disk;
  private readonly marks = new Map<string, { readonly print: string; readonly mark: Mark }>();
  private last: Entry | undefined;
  /** Entries that there are. */
  count = 0;

  private constructor(folder: string, disk: Disk) {
    this.folder = folder;
    this.disk = disk;
  }

  /** @param folder where the letters lie. @throws MillraceError `STATE_CORRUPT`, `CHECKPOINT_VERSION` */
  static async read(folder: string, disk: Disk): Promise<Journal> {
    const journal = new Journal(path.join(folder, FOLDER), disk);
    const names = (await disk.names(journal.folder)).filter((name) => NAME.test(name)).sort();
    for (const name of names) {
      const file = path.join(journal.folder, name);
      const entry = entryOf(file, Buffer.from(await disk.read(file)).toString('utf8'));
      if (name !== nameOf(journal.count + 1))
        throw new MillraceError('STATE_CORRUPT', {
          message:
            `${file} follows on ${nameOf(journal.count)}: an entry of the journal is missing. ` +
            'Restore it, else its letters would be retried again.',
        });
      journal.take(entry);
    }
    return journal;
  }

  /** What was done with a letter. */
  markOf(file: string, line: number, print: string): Mark | undefined {
    const found = this.marks.get(`${file}:${line}`);
    return found?.print === print ? found.mark : undefined;
  }

  /**
   * Does what the last entry has decided, if that is still to be done. What a predecessor has made and did not come to sync may still be
   * undone by a loss of power: it is made durable before anything is built upon it.
   */
  async finish(): Promise<void> {
    const { disk, folder, last } = this;
    if (last === undefined) return;
    await disk.sync(folder);
    if (last.returned === undefined) return;
    const { staged, file } = last.returned;
    try {
      if (await disk.exists(staged)) await disk.rename(staged, file);
    } catch (error) {
      // Another process has done it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await disk.exists(staged))) throw error;
    }
    // Whoever has taken the file may have taken the folder with it.
    if (await disk.exists(path.dirname(file))) await disk.sync(path.dirname(file));
  }

  /** Decides an entry; `finish` makes it durable. @throws MillraceError `CHECKPOINT_FENCED` if another process was faster */
  async append(entry: Entry): Promise<void> {
    const { disk, folder } = this;
    await disk.makeFolder(folder);
    const written = path.join(folder, `${randomUUID()}.tmp`);
    const name = nameOf(this.count + 1);
    await disk.create(written, Buffer.from(`${JSON.stringify({ version: VERSION, ...entry })}\n`));
    const first = await disk.link(written, path.join(folder, name));
    await disk.remove(written);
    if (!first)
      throw new MillraceError('CHECKPOINT_FENCED', {
        message:
          `Another process has retried or dropped letters of ${path.dirname(folder)} meanwhile. ` +
          'What it did is marked; the same command goes on from there.',
        fields: { path: path.join(folder, name) },
      });
    this.take(entry);
  }

  private take(entry: Entry): void {
    const { state, at, reason, returned, letters } = entry;
    const mark: Mark = {
      ...{ state, at },
      ...(returned !== undefined && { to: returned.file }),
      ...(reason !== undefined && { reason }),
    };
    for (const { file, line, print } of letters) this.marks.set(`${file}:${line}`, { print, mark });
    this.last = entry;
    this.count++;
  }
}

const nameOf = (number: number): string => `${String(number).padStart(DIGITS, '0')}.json`;

function entryOf(file: string, text: string): Entry {
  let read: (Entry & { readonly version: number }) | null;
  try {
    // Checked below, as far as this program goes by it.
    read = JSON.parse(text) as typeof read;
  } catch {
    read = null;
  }
  if (typeof read?.version === 'number' && read.version !== VERSION)
    throw new MillraceError('CHECKPOINT_VERSION', {
      message: `${file} is of version ${read.version}, but this program reads version ${VERSION}. Use the newer one.`,
    });
  if (read?.version !== VERSION || !Array.isArray(read.letters) || !['retried', 'dropped'].includes(read.state))
    throw new MillraceError('STATE_CORRUPT', {
      message: `${file} is no entry of the journal of dead letters. Restore it, else its letters would be retried again.`,
    });
  return read;
}
