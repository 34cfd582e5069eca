/** Where a simulated job keeps its things. */
export const STATE = '/state';
export const OUT = '/out';

/** The steps of the commit protocol (exactly-once.md), by the operations on the disk they consist of, in their order. */
export const PROTOCOL_STEPS = [
  'output written',
  'output durable',
  'output name durable',
  'state written',
  'state durable',
  'manifest written',
  'manifest durable',
  'checkpoint folder durable',
  'commit written',
  'commit durable',
  'commit linked',
  'commit tidied',
  'commit name durable',
  'output published',
  'published name durable',
  'old checkpoint discarded',
  'checkpoint read back',
] as const;

export type ProtocolStep = (typeof PROTOCOL_STEPS)[number];

/** The step that an operation belongs to; `undefined`: none of them (heartbeats, listings, input). */
export function protocolStep(operation: string, path: string): ProtocolStep | undefined {
  if (path.startsWith(`${STATE}/commits`)) return commitStep(operation, path);
  if (path.startsWith(`${STATE}/chk-`)) return checkpointStep(operation, path);
  if (path.startsWith(OUT)) return outputStep(operation, path);
  return undefined;
}

function commitStep(operation: string, path: string): ProtocolStep | undefined {
  const probe = path.includes('/.0-');
  switch (operation) {
    case 'append':
      return probe ? undefined : 'commit written';
    case 'sync':
      return probe ? undefined : 'commit durable';
    case 'link':
      return probe ? undefined : 'commit linked';
    case 'remove':
      return probe ? undefined : path.includes('/.') ? 'commit tidied' : 'old checkpoint discarded';
    case 'syncFolder':
      return 'commit name durable';
    case 'read':
      return 'checkpoint read back';
    default:
      return undefined;
  }
}

function checkpointStep(operation: string, path: string): ProtocolStep | undefined {
  const manifest = path.endsWith('/manifest');
  switch (operation) {
    case 'append':
      return manifest ? 'manifest written' : 'state written';
    case 'sync':
      return manifest ? 'manifest durable' : 'state durable';
    case 'syncFolder':
      return 'checkpoint folder durable';
    case 'read':
    case 'open':
      return 'checkpoint read back';
    case 'remove':
    case 'removeFolder':
      return 'old checkpoint discarded';
    default:
      return undefined;
  }
}

function outputStep(operation: string, path: string): ProtocolStep | undefined {
  switch (operation) {
    case 'append':
      return 'output written';
    case 'sync':
      return 'output durable';
    case 'syncFolder':
      return path.endsWith('.millrace') ? 'output name durable' : 'published name durable';
    case 'rename':
      return 'output published';
    default:
      return undefined;
  }
}
