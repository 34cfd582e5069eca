import { createRequire } from 'node:module';
import { MillraceError } from 'millrace';
import type { ClientModule } from './client-types.ts';

/** Loads the native client when it is needed, so that describing a job needs none. */
export function loadClient(load: (name: string) => unknown = createRequire(import.meta.url)): ClientModule {
  try {
    return load('@confluentinc/kafka-javascript') as ClientModule;
  } catch (cause) {
    const { code, message } = cause as { readonly code?: string; readonly message?: string };
    const missing = code === 'MODULE_NOT_FOUND' && (message ?? '').includes('@confluentinc/kafka-javascript');
    const what = missing
      ? 'is not installed'
      : `is not built for Node ${process.version} on ${process.platform} ${process.arch}`;
    throw new MillraceError('DEPENDENCY_MISSING', {
      message:
        `@confluentinc/kafka-javascript, the Kafka client, ${what}. In a project: npm install @confluentinc/kafka-javascript, ` +
        'with its install script allowed. In the repository of Millrace: npm run kafka:setup.',
      fields: { dependency: '@confluentinc/kafka-javascript' },
      cause,
    });
  }
}
