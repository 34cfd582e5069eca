import { KafkaSession, type SessionContext } from './session.ts';
import { Connection, type ConnectionOptions } from '../settings/connection.ts';
import { MillraceError } from 'millrace';

/** Name under which the session stands among the resources of a job. */
export const RESOURCE = 'kafka';

/** What `kafka.solo` gives to the job: the session, once the job has begun. */
export interface SessionHolder {
  session: KafkaSession | undefined;
}

/**
 * The session of the job that a connector belongs to; a session of its own for a connector with `bootstrap` in a job that is
 * run without `kafka.solo`.
 */
export function sessionOf(
  where: string,
  options: Partial<ConnectionOptions>,
  context: SessionContext & { readonly resources?: Readonly<Record<string, unknown>> },
  group: string,
): { readonly session: KafkaSession; readonly own: boolean } {
  const holder = context.resources?.[RESOURCE] as SessionHolder | undefined;
  if (options.bootstrap === undefined && holder?.session !== undefined) return { session: holder.session, own: false };
  const { bootstrap } = options;
  if (bootstrap === undefined) {
    throw new MillraceError('OPTION_INVALID', {
      message:
        `${where} does not know its cluster. Run the job with flow.run(kafka.solo({ bootstrap: 'host:port', checkpoints })), or ` +
        'give it bootstrap of its own.',
    });
  }
  const connection = new Connection(where, { ...options, bootstrap });
  const plain = { connection, group, transactional: false, transactionTimeoutMs: 0, lingerMs: 5, prefix: '' };
  return { session: new KafkaSession(plain, context), own: true };
}
