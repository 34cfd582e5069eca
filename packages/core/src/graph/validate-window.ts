import type { WindowNode } from './nodes.ts';
import { refusal } from '../triggers/index.ts';
import { called, graphError } from './graph-error.ts';

/**
 * Refuses combinations of windows, trigger and function that cannot work (R16).
 *
 * @throws {MillraceError} `GRAPH_INVALID`
 */
export function refuseWindow(node: WindowNode): void {
  const { windows, trigger, emission } = node;
  const reason = trigger === undefined ? undefined : refusal(trigger, windows.merging);
  if (reason !== undefined) {
    throw graphError('GRAPH_INVALID', node, `${called(node)} of ${windows.describe} cannot use its trigger: ${reason}`);
  }
  const states = emission.kind === 'process' ? Object.keys(emission.fn.windowState ?? {}) : [];
  if (windows.merging && states.length > 0) {
    throw graphError(
      'GRAPH_INVALID',
      node,
      `${called(node)} keeps '${states.join("', '")}' in windowState, but windows of ${windows.describe} merge and their states cannot. ` +
        'Keep it in keyState, which is one per key.',
    );
  }
}
