import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError, optionError } from 'millrace';
import type { Connection } from './load-kafka.ts';

/** How the cluster is named on the command line. */
export interface ConnectionFlags {
  readonly bootstrap?: string;
  readonly config?: string;
}

/**
 * The cluster that is meant; `undefined`: none, letters lie in files.
 *
 * @throws MillraceError `IO_NOT_FOUND`, `OPTION_INVALID`
 */
export async function connectionOf({ bootstrap, config }: ConnectionFlags): Promise<Connection | undefined> {
  const given = config === undefined ? {} : await readConfig(config);
  const brokers = bootstrap ?? given['bootstrap'];
  if (brokers === undefined && config === undefined) return undefined;
  if (typeof brokers !== 'string' && !Array.isArray(brokers))
    throw optionError(`bootstrap in ${config}`, brokers, "'host:port' or a list of them, there or as --bootstrap");
  return { ...given, bootstrap: brokers };
}

/** JSON, or a module: only a program can hand out tokens, or take a password from its environment. */
async function readConfig(file: string): Promise<Record<string, unknown>> {
  let read: unknown;
  try {
    read = file.endsWith('.json')
      ? JSON.parse(await readFile(file, 'utf8'))
      : // Checked below.
        ((await import(pathToFileURL(path.resolve(file)).href)) as { readonly default?: unknown }).default;
  } catch (cause) {
    throw new MillraceError('IO_NOT_FOUND', {
      message: `--config ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      fields: { path: file },
      cause,
    });
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw optionError(
      `--config ${file}`,
      read,
      'JSON (.json) or a module (.mjs) with a default export: { bootstrap, security, client } as of @millrace/kafka',
    );
  // An object has names and values.
  return read as Record<string, unknown>;
}
