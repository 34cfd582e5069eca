/**
 * A counted job (setup/counted-job.ts) as a process of its own, to be killed and stopped:
 *
 *   node --conditions=millrace-source --import tsx counted.ts '{"bootstrap": ..., "name": ..., ...}'
 *
 * Every line of its output is one event in JSON (`ProgramEvent`). SIGTERM ends it in good order. Exit code 0: finished or
 * stopped, 1: failed.
 */
import { fixedDelay, MillraceError, silentLogger, type Duration, type JobHandle } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '../../src/index.ts';
import { countedJob, type CountedJob } from '../setup/counted-job.ts';

/** What the program is told. */
export interface CountedProgram extends CountedJob {
  readonly bootstrap: string;
  readonly folder: string;
  readonly commitInterval?: Duration;
  readonly transactionTimeout?: Duration;
}

/** What the program tells. `read`: records so far, over all its lives. */
export type ProgramEvent =
  | { readonly type: 'started' }
  | { readonly type: 'checkpoint'; readonly id: number; readonly read: number }
  | { readonly type: 'restored'; readonly id: number }
  | { readonly type: 'restarting'; readonly error: ToldError }
  | { readonly type: 'ended'; readonly status: string }
  | { readonly type: 'failed'; readonly error: ToldError };

/** An error, as far as its name matters. */
export interface ToldError {
  readonly message: string;
  readonly code?: string;
  /** Code of the Kafka client. */
  readonly kafka?: unknown;
  readonly watchdog?: unknown;
}

const RESTART = fixedDelay({ attempts: 1_000, delay: '100ms' });

function tell(event: ProgramEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function told(error: unknown): ToldError {
  if (!(error instanceof MillraceError)) return { message: String(error) };
  const { message, code, fields } = error;
  return { message, code, kafka: fields['kafka'], watchdog: fields['watchdog'] };
}

async function main({ bootstrap, folder, commitInterval, transactionTimeout, ...job }: CountedProgram): Promise<void> {
  let handle: JobHandle | undefined = undefined;
  const read = (): number => handle?.metrics().operators[0]?.in ?? 0;
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    // `done` rejects with the same error.
    handle?.stop().catch(() => undefined);
  };
  process.on('SIGTERM', stop);
  handle = await countedJob(job).run(
    kafka.solo({
      bootstrap,
      checkpoints: directory(folder),
      ...(commitInterval === undefined ? {} : { commitInterval }),
      ...(transactionTimeout === undefined ? {} : { transactionTimeout }),
      restart: RESTART,
      logger: silentLogger,
      onEvent(event) {
        if (event.type === 'checkpoint') tell({ type: 'checkpoint', id: event.id, read: read() });
        else if (event.type === 'restored') tell({ type: 'restored', id: event.id });
        else if (event.type === 'restarting') tell({ type: 'restarting', error: told(event.error) });
      },
    }),
  );
  if (stopped) stop();
  tell({ type: 'started' });
  await handle.done;
  tell({ type: 'ended', status: handle.status });
}

try {
  // It is what `JobProcess` passes.
  await main(JSON.parse(process.argv[2] as string) as CountedProgram);
} catch (error) {
  tell({ type: 'failed', error: told(error) });
  process.exitCode = 1;
}
