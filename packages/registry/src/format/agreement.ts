import { MillraceError, messageOf } from 'millrace';
import { statusOf } from '../client/calls.ts';
import type { RegistryClient, Version } from '../client/registry-client.ts';
import type { ResolvedSchema } from '../client/registered-schema.ts';
import type { FormatOptions } from './format-options.ts';
import type { Kind } from './kind.ts';

const HTTP_CONFLICT = 409;

/** What is written with. */
export interface Agreement {
  readonly id: number;
  readonly schema: ResolvedSchema;
}

/**
 * Agrees with the registry about what is written under a subject, before anything is.
 *
 *   known under the subject --> its id
 *   auto, check --> held against the subject's policy --> refused: an error
 *                                                     \-> auto: registered --> its id
 *                                                      \-> check, never: an error
 *
 * @throws MillraceError `SCHEMA_INVALID` for a change that is refused, `IO_NOT_FOUND` for a schema that is not registered
 */
export async function agree<T>(
  client: RegistryClient,
  kind: Kind<T>,
  subject: string,
  register: NonNullable<FormatOptions['register']>,
): Promise<Agreement> {
  const version = await client.newest(subject);
  if (version !== undefined && version.schemaType !== kind.schemaType)
    throw refusal(subject, `its values are ${version.schemaType}, and the program writes ${kind.schemaType}`, version);
  const newest = version === undefined ? undefined : await client.resolve(version);
  const schema = await client.resolve(kind.schema(newest));
  const known = version === undefined ? undefined : await client.idOf(subject, schema);
  if (known !== undefined) return { id: known, schema };
  if (register === 'never') throw notRegistered(subject, register);
  if (version !== undefined && newest !== undefined && !(await client.isCompatible(subject, schema))) {
    const policy = await client.policy(subject);
    const why = kind.explain(newest, schema) ?? 'it breaks who reads or writes by the other one';
    throw refusal(subject, `policy ${policy}: ${why}`, version);
  }
  if (register === 'check') throw notRegistered(subject, register);
  try {
    return { id: await client.register(subject, schema), schema };
  } catch (error) {
    if (!(error instanceof MillraceError) || statusOf(error.cause) !== HTTP_CONFLICT) throw error;
    throw refusal(subject, messageOf(error.cause), version, error);
  }
}

function refusal(subject: string, reason: string, version: Version | undefined, cause?: unknown): MillraceError {
  const old = version === undefined ? '' : ` (its newest version is ${version.version})`;
  return new MillraceError('SCHEMA_INVALID', {
    message:
      `the schema is refused for subject '${subject}'${old}: ${reason}. Nothing was written. ` +
      'Make the change a compatible one (add fields as optional, keep names and types), or write to another subject.',
    fields: { subject, reason, version: version?.version },
    cause,
  });
}

function notRegistered(subject: string, register: string): MillraceError {
  return new MillraceError('IO_NOT_FOUND', {
    message:
      `the program's schema is not registered under subject '${subject}', and register: '${register}' does not register it. ` +
      "Have it registered, or write with register: 'auto'.",
    fields: { subject },
  });
}
