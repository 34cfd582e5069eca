import path from 'node:path';
import { checkOptions, optionError } from '../../errors/index.ts';
import type { CheckpointStorage, StorageContext } from '../../model/index.ts';
import { openDirectory } from '../files/open-directory.ts';
import { nodeMachine } from './node-machine.ts';

/** Options of `directory`. */
export interface DirectoryOptions {
  /** Checkpoints kept: the last one, and older ones to go back to by hand. At least 1. Default 2. */
  readonly retain?: number;
}

const RETAIN = 2;

/**
 * Keeps checkpoints in a folder of the local file system: a job that is started again with it goes on where it was.
 *
 * One process at a time owns the folder. A second one is refused while the first lives; one that was killed does not block
 * the next on the same host; of one on another host the next waits for 10 s without a sign of life.
 *
 * @param folder made if it does not exist; needs hard links, which network file systems may lack
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; when run `CHECKPOINT_OWNED`, `IO_FAILED`, `OPTION_UNSUPPORTED`
 * @example
 * const handle = await flow.run({ checkpoints: directory('.millrace/revenue') });
 */
export function directory(folder: string, options: DirectoryOptions = {}): CheckpointStorage {
  if (typeof folder !== 'string' || folder === '') throw optionError('folder of directory()', folder, 'a path');
  checkOptions('directory()', options, ['retain']);
  const { retain = RETAIN } = options;
  if (!Number.isInteger(retain) || retain < 1) throw optionError('retain of directory()', retain, 'a number from 1 on');
  return Object.freeze({
    kind: 'directory',
    retained: retain,
    open: (context: StorageContext) =>
      context.machine === undefined
        ? openDirectory(path.resolve(folder), nodeMachine, context)
        : openDirectory(folder, context.machine, context),
  });
}
