import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from 'millrace';
import type { LetterBox } from '../letters.ts';

/** How a cluster is reached, as `kafka.letters` of @millrace/kafka takes it. */
export interface Connection {
  readonly bootstrap: string | readonly string[];
  readonly [option: string]: unknown;
}

/** What is used of @millrace/kafka. */
export interface KafkaModule {
  readonly kafka: {
    letters(options: Connection & { readonly topic: string; readonly batch?: number }): Promise<LetterBox>;
    letterTopics(options: Connection): Promise<readonly string[]>;
  };
}

/** No literal: it is an optional peer, and need not be there when this package is compiled. */
const NAME: string = '@millrace/kafka';

/**
 * Loads @millrace/kafka: the one beside this package, or that of the project in `folder`, so that the command also works where it
 * is installed for itself.
 *
 * @throws MillraceError `DEPENDENCY_MISSING`
 */
export async function loadKafka(folder: string): Promise<KafkaModule> {
  try {
    // What it exports is held against this type by a test of @millrace/kafka.
    return (await import(NAME)) as KafkaModule;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  let file: string;
  try {
    file = createRequire(path.join(folder, 'package.json')).resolve(NAME);
  } catch (cause) {
    throw new MillraceError('DEPENDENCY_MISSING', {
      message: `Dead letters on Kafka need @millrace/kafka, which is not installed: npm install @millrace/kafka`,
      fields: { dependency: NAME },
      cause,
    });
  }
  return (await import(pathToFileURL(file).href)) as KafkaModule;
}

function isMissing(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return code === 'ERR_MODULE_NOT_FOUND' && message?.includes(NAME) === true;
}
