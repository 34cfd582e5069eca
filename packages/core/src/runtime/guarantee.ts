import { MillraceError } from '../errors/index.ts';
import type { ErrorPolicy, Guarantee } from '../model/index.ts';
import type { Plan } from '../plan/index.ts';
import { sinksOf } from './connections.ts';

/**
 * Whether every sink can keep what the job promises.
 *
 * @throws MillraceError `GUARANTEE_UNMET` naming the sink and the cure
 */
export function checkGuarantee(plan: Plan, onError: ErrorPolicy, guarantee: Guarantee): void {
  if (guarantee !== 'exactly-once') return;
  const unable = sinksOf(plan, { onError }).find(({ sink }) => sink.guarantee !== 'exactly-once');
  if (unable === undefined) return;
  throw new MillraceError('GUARANTEE_UNMET', {
    message:
      `Sink '${unable.name}' (${unable.sink.kind}) cannot write exactly once: what it has written cannot be held back until a ` +
      "checkpoint is the truth. Run the job with guarantee: 'at-least-once' (output may be repeated after a failure) or " +
      "'at-most-once' (it may be lost), or write to a sink with transactions, such as ndjson.sink().",
    fields: { sink: unable.name, guarantee },
  });
}
