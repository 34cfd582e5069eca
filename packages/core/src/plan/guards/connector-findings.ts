import type { Guard } from './guard.ts';

/** What sources and sinks say of themselves: only they know their formats and their settings. */
export const connectorFindings: Guard = ({ node }) => {
  if (node.kind === 'source') return node.source.findings ?? [];
  return node.kind === 'sink' ? (node.sink.findings ?? []) : [];
};
