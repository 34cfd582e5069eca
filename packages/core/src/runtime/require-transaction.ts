import { MillraceError } from '../errors/index.ts';
import type { Sink, SinkWriter } from '../model/index.ts';

/**
 * What a sink declares its writer must be able to do: without a transaction its output would be repeated after a failure, and
 * nobody would know.
 *
 * @throws MillraceError `GUARANTEE_UNMET` naming the sink and the cure
 */
export function requireTransaction(name: string, sink: Sink<never>, writer: SinkWriter<never>): void {
  if (writer.transaction !== undefined) return;
  throw new MillraceError('GUARANTEE_UNMET', {
    message:
      `Sink '${name}' (${sink.kind}) declares guarantee 'exactly-once', but the writer that it has opened has no transaction. Give ` +
      "the writer one, or declare 'at-least-once' and run the job with guarantee: 'at-least-once'.",
    fields: { sink: name, guarantee: 'exactly-once' },
  });
}
