import { MillraceError, type SinkContext } from 'millrace';
import type { ConnectionOptions } from '../settings/connection.ts';

/**
 * Output that goes through a producer of its own is no part of the job's transaction: after a failure it would be there twice.
 *
 * @throws MillraceError `GUARANTEE_UNMET`
 */
export function refuseOwnSession(where: string, options: Partial<ConnectionOptions>, context: SinkContext): void {
  if (options.bootstrap === undefined || context.guarantee !== 'exactly-once') return;
  throw new MillraceError('GUARANTEE_UNMET', {
    message:
      `${where} has bootstrap of its own, so what it writes is no part of the job's transaction and would be repeated after a failure. ` +
      'Leave bootstrap out and run the job with flow.run(kafka.solo({ bootstrap, checkpoints })), or with ' +
      "guarantee: 'at-least-once'.",
    fields: { sink: context.name, guarantee: context.guarantee },
  });
}
