import { MillraceError } from '../../errors/index.ts';
import { crc32c } from '../../internal/crc32c.ts';
import { hex } from '../../internal/sealed-json.ts';
import type { FileSystem, FileWriter } from '../../model/index.ts';
import { codeOf } from './file-error.ts';

/** A file in the staging folder, as a checkpoint names it. Part of the format of manifests. */
export interface StagedFile {
  /** Name in the staging folder. */
  readonly staged: string;
  readonly bytes: number;
  /** CRC-32C of the bytes, eight hexadecimal digits. */
  readonly digest: string;
}

const COPY_BYTES = 256 * 1024;

/** A part file being written under a name that nobody reads. */
export class OpenPart {
  readonly staged: string;
  bytes = 0;
  private readonly file: FileWriter;
  private crc = 0;

  private constructor(staged: string, file: FileWriter) {
    this.staged = staged;
    this.file = file;
  }

  static async create(files: FileSystem, folder: string, staged: string): Promise<OpenPart> {
    return new OpenPart(staged, await files.create(`${folder}/${staged}`));
  }

  /**
   * A copy of the first bytes of a part that another attempt had begun: that one may still be writing to its own.
   *
   * @throws MillraceError `CHECKPOINT_MISSING`, `CHECKPOINT_TRUNCATED`, `CHECKPOINT_CORRUPT` naming the file
   */
  static async copy(files: FileSystem, folder: string, from: StagedFile, staged: string): Promise<OpenPart> {
    const part = await OpenPart.create(files, folder, staged);
    try {
      await forEachPiece(files, folder, from, (piece) => part.append(piece));
      return part;
    } catch (error) {
      await part.close();
      throw error;
    }
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.file.append(bytes);
    this.bytes += bytes.length;
    this.crc = crc32c(bytes, 0, bytes.length, this.crc);
  }

  /** Makes what was written durable, and says what that is. */
  async sync(): Promise<StagedFile> {
    await this.file.sync();
    return { staged: this.staged, bytes: this.bytes, digest: hex(this.crc) };
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/**
 * Whether a staged file is there and whole.
 *
 * @returns `false` if it is not there
 * @throws MillraceError `CHECKPOINT_TRUNCATED`, `CHECKPOINT_CORRUPT` naming the file
 */
export async function isWhole(files: FileSystem, folder: string, file: StagedFile): Promise<boolean> {
  try {
    await forEachPiece(files, folder, file, async () => undefined);
    return true;
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'CHECKPOINT_MISSING') return false;
    throw error;
  }
}

async function forEachPiece(
  files: FileSystem,
  folder: string,
  { staged, bytes, digest }: StagedFile,
  take: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  const path = `${folder}/${staged}`;
  const reader = await files.open(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') throw wrong('CHECKPOINT_MISSING', path, 'does not exist');
    throw error;
  });
  let crc = 0;
  let position = 0;
  try {
    while (position < bytes) {
      const piece = new Uint8Array(Math.min(COPY_BYTES, bytes - position));
      const read = await reader.read(piece, 0, position);
      if (read === 0) throw wrong('CHECKPOINT_TRUNCATED', path, `has ${position} of ${bytes} bytes`);
      position += read;
      crc = crc32c(piece, 0, read, crc);
      await take(piece.subarray(0, read));
    }
  } finally {
    await reader.close();
  }
  if (hex(crc) !== digest) throw wrong('CHECKPOINT_CORRUPT', path, 'is not what was written');
}

function wrong(
  code: 'CHECKPOINT_MISSING' | 'CHECKPOINT_TRUNCATED' | 'CHECKPOINT_CORRUPT',
  path: string,
  what: string,
): MillraceError {
  return new MillraceError(code, {
    message: `${path}, output that the last checkpoint is to publish, ${what}. Restore the file, or start afresh.`,
    fields: { path },
  });
}
