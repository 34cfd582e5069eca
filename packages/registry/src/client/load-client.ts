import { MillraceError } from 'millrace';
import type * as ClientPackage from '@confluentinc/schemaregistry';
import type { Client, ClientConfig } from '@confluentinc/schemaregistry';

/** The client of the registry's makers; an optional peer, which only programs that use a registry need. */
export type RestClient = Pick<
  Client,
  | 'getBySubjectAndId'
  | 'getSchemaMetadata'
  | 'getLatestSchemaMetadata'
  | 'getIdFullResponse'
  | 'registerFullResponse'
  | 'testSubjectCompatibility'
  | 'getCompatibility'
  | 'getDefaultCompatibility'
  | 'clearLatestCaches'
  | 'close'
>;

/** @throws MillraceError `DEPENDENCY_MISSING` */
export async function loadClient(config: ClientConfig): Promise<RestClient> {
  let client: typeof ClientPackage;
  try {
    client = await import('@confluentinc/schemaregistry');
  } catch (cause) {
    throw new MillraceError('DEPENDENCY_MISSING', {
      message:
        'schemaRegistry() needs the package @confluentinc/schemaregistry, which cannot be loaded. ' +
        'Install it: npm install @confluentinc/schemaregistry.',
      cause,
    });
  }
  return client.SchemaRegistryClient.newClient(config);
}
