import { MillraceError } from 'millrace';
import type { ClientSettings, TopicSettings } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { settingsClientOptions, type SettingsClientOptions } from './settings-client.ts';

/** The client for this one question; @confluentinc/kafka-javascript 1.10 has no DescribeConfigs (docs/design/0012). */
export const SETTINGS_CLIENT = '@platformatic/kafka';

const TOPIC = 2;
const STEP = 'reading settings of topics';

/** The part of it that is used; it has types of its own only where it is installed. */
interface SettingsClient {
  describeConfigs(options: {
    readonly resources: readonly { readonly resourceType: number; readonly resourceName: string }[];
  }): Promise<
    readonly {
      readonly resourceName: string;
      readonly configs: readonly { readonly name: string; readonly value: string | null }[];
    }[]
  >;
  close(): Promise<void>;
}

export interface SettingsModule {
  readonly Admin: new (options: SettingsClientOptions) => SettingsClient;
}

/**
 * Asks the brokers, with a client that is opened and closed for it.
 *
 * @param load in place of `import`
 */
export async function readTopicSettings(
  settings: ClientSettings,
  names: readonly string[],
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<readonly TopicSettings[]> {
  if (names.length === 0) return [];
  const options = settingsClientOptions(settings);
  const { Admin } = await loadSettingsClient(load);
  const client = new Admin(options);
  try {
    const resources = names.map((resourceName) => ({ resourceType: TOPIC, resourceName }));
    const described = await client.describeConfigs({ resources });
    const byName = new Map(described.map(({ resourceName, configs }) => [resourceName, configs]));
    return names.map((name) => ({
      name,
      settings: Object.fromEntries(
        (byName.get(name) ?? []).flatMap(({ name: setting, value }) => (value === null ? [] : [[setting, value]])),
      ),
    }));
  } catch (error) {
    throw kafkaError(STEP, { ...codeOf(error), message: innermost(error) });
  } finally {
    await client.close();
  }
}

async function loadSettingsClient(load: (name: string) => Promise<unknown>): Promise<SettingsModule> {
  try {
    return (await load(SETTINGS_CLIENT)) as SettingsModule;
  } catch (cause) {
    throw new MillraceError('DEPENDENCY_MISSING', {
      message: `${SETTINGS_CLIENT}, which reads settings of topics, is not installed: npm install ${SETTINGS_CLIENT}@1.`,
      fields: { dependency: SETTINGS_CLIENT },
      cause,
    });
  }
}

/** Errors of that client hold those of its attempts, and those the broker's answer. */
interface NestedError {
  readonly message?: string;
  readonly apiCode?: number;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

function chainOf(error: unknown): readonly NestedError[] {
  const chain: NestedError[] = [];
  // Bounded: an error may be its own cause.
  for (let at: unknown = error; typeof at === 'object' && at !== null && chain.length < 16;) {
    const nested = at as NestedError;
    chain.push(nested);
    at = nested.errors?.[0] ?? nested.cause;
  }
  return chain;
}

function codeOf(error: unknown): { readonly code?: number } {
  const code = chainOf(error).find(({ apiCode }) => apiCode !== undefined)?.apiCode;
  return code === undefined ? {} : { code };
}

function innermost(error: unknown): string {
  return chainOf(error).at(-1)?.message ?? String(error);
}
