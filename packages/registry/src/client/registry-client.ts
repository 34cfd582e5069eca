import { MillraceError } from 'millrace';
import { call, type CallContext } from './calls.ts';
import { loadClient, type RestClient } from './load-client.ts';
import type { RegisteredSchema, ResolvedSchema, SchemaReference } from './registered-schema.ts';
import type { RegistrySettings } from './registry-options.ts';

/** The newest version of a subject. */
export interface Version extends RegisteredSchema {
  readonly version: number;
}

/** What a registry is asked. One client for all formats; it keeps what it was told about ids. */
export class RegistryClient {
  readonly url: string;
  private readonly settings: RegistrySettings;
  private client: Promise<RestClient> | undefined;
  private readonly closing = new AbortController();

  constructor(settings: RegistrySettings) {
    this.settings = settings;
    this.url = settings.urls.join(', ');
  }

  /** The schema of an id, with all that it refers to; `undefined`: the registry does not have it. */
  async schemaOf(id: number, signal?: AbortSignal): Promise<ResolvedSchema | undefined> {
    const client = await this.connected();
    // Ids that no registry gives are refused as bad requests by some.
    const context = { ...this.context(signal), absent: [400, 422] };
    const found = await call(`give schema ${id}`, context, () => client.getBySubjectAndId('', id));
    return found === undefined ? undefined : this.resolve(schemaFrom(found), signal);
  }

  /** A schema with all that it refers to. */
  async resolve(schema: RegisteredSchema, signal?: AbortSignal): Promise<ResolvedSchema> {
    const resolved = new Map<string, RegisteredSchema>();
    await this.collect(schema.references, resolved, signal);
    return { ...schema, resolved: [...resolved.values()] };
  }

  async newest(subject: string): Promise<Version | undefined> {
    const client = await this.connected();
    client.clearLatestCaches();
    const found = await call(`give the newest version of '${subject}'`, this.context(), () =>
      client.getLatestSchemaMetadata(subject),
    );
    return found === undefined ? undefined : { ...schemaFrom(found), version: found.version ?? 0 };
  }

  /** The id of a schema under a subject; `undefined`: it is not registered there. */
  async idOf(subject: string, schema: RegisteredSchema): Promise<number | undefined> {
    const client = await this.connected();
    const found = await call(`look up a schema of '${subject}'`, this.context(), () =>
      client.getIdFullResponse(subject, infoOf(schema), false),
    );
    return found?.id;
  }

  async isCompatible(subject: string, schema: RegisteredSchema): Promise<boolean> {
    const client = await this.connected();
    const answer = await call(`check a schema of '${subject}'`, this.context(), () =>
      client.testSubjectCompatibility(subject, infoOf(schema)),
    );
    return answer ?? true; // there is no version yet
  }

  async register(subject: string, schema: RegisteredSchema): Promise<number> {
    const client = await this.connected();
    const answer = await call(`register a schema of '${subject}'`, this.context(), () =>
      client.registerFullResponse(subject, infoOf(schema), false),
    );
    if (answer?.id !== undefined) return answer.id;
    throw new MillraceError('IO_FAILED', {
      message: `the schema registry ${this.url} gave no id for the schema of '${subject}'; is its address complete?`,
      fields: { registry: this.url, subject },
    });
  }

  /** The policy of a subject, else that of the registry. */
  async policy(subject: string): Promise<string> {
    const client = await this.connected();
    const own = await call(`give the policy of '${subject}'`, this.context(), () => client.getCompatibility(subject));
    // Apicurio says NONE of a subject that has none of its own.
    if (own !== undefined && own !== 'NONE') return own;
    return (
      (await call('give its policy', this.context(), () => client.getDefaultCompatibility())) ?? own ?? 'its policy'
    );
  }

  close(): void {
    this.closing.abort(new Error('the schema registry was closed'));
    void this.client?.then(
      (client) => client.close(),
      () => undefined,
    );
  }

  private async collect(
    references: readonly SchemaReference[],
    into: Map<string, RegisteredSchema>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const client = await this.connected();
    for (const { name, subject, version } of references) {
      const key = `${subject} ${version}`;
      if (into.has(key)) continue;
      const found = await call(`give version ${version} of '${subject}'`, this.context(signal), () =>
        client.getSchemaMetadata(subject, version, true),
      );
      if (found === undefined)
        throw new MillraceError('IO_NOT_FOUND', {
          message: `a schema refers to version ${version} of '${subject}' as ${name}, which the schema registry ${this.url} does not have.`,
          fields: { registry: this.url, subject, version },
        });
      const schema = { ...schemaFrom(found), name };
      await this.collect(schema.references, into, signal);
      into.set(key, schema);
    }
  }

  private context(signal?: AbortSignal): CallContext {
    const { signal: closed } = this.closing;
    return {
      url: this.url,
      retryForMs: this.settings.retryForMs,
      signal: signal === undefined ? closed : AbortSignal.any([signal, closed]),
    };
  }

  private connected(): Promise<RestClient> {
    const { urls, headers, cacheSize, timeoutMs } = this.settings;
    return (this.client ??= loadClient({
      baseURLs: [...urls],
      cacheCapacity: cacheSize,
      // Tries are counted by us.
      maxRetries: 0,
      createAxiosDefaults: {
        timeout: timeoutMs,
        // Asked for with each request: tokens end.
        transformRequest: (data: unknown, sent) => {
          for (const [name, value] of Object.entries(headers())) sent.set(name, value);
          return typeof data === 'object' && data !== null ? JSON.stringify(data) : data;
        },
      },
    }));
  }
}

interface Told {
  readonly schema: string;
  readonly schemaType?: string | undefined;
  readonly references?: readonly SchemaReference[] | undefined;
}

/** Registries leave out what is usual: Avro, no references. */
function schemaFrom({ schema, schemaType = 'AVRO', references = [] }: Told): RegisteredSchema {
  return { schema, schemaType, references };
}

function infoOf({ schema, schemaType, references }: RegisteredSchema) {
  return { schema, schemaType, references: [...references] };
}
