import { checkOptions, optionError, positiveDurationMs, type Duration } from 'millrace';
import { Buffer } from 'node:buffer';

/** Who asks. */
export type RegistryAuth =
  { readonly username: string; readonly password: string } | { readonly token: string | (() => string) };

/** Options of `schemaRegistry`. */
export interface RegistryOptions {
  /** Where it is: `http://localhost:8081`; several, of which the first that answers is asked. Apicurio's path is `/apis/ccompat/v7`. */
  readonly url: string | readonly string[];
  /** Name and password, or a bearer token; a function is asked for it with each request. Default: who stands in `url`, else nobody. */
  readonly auth?: RegistryAuth;
  /** Headers of each request. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Schemas that are kept, by id. Default 1000. */
  readonly cacheSize?: number;
  /** For one request. Default `'10s'`. */
  readonly timeout?: Duration;
  /**
   * How long a request is repeated while the registry is down (no answer, 408, 429, 5xx); after that the job fails with `IO_FAILED`
   * (retryable) and its restart policy decides. No record is left out. Default `'30s'`.
   */
  readonly retryFor?: Duration;
}

/** The options, checked. */
export interface RegistrySettings {
  readonly urls: readonly string[];
  readonly headers: () => Readonly<Record<string, string>>;
  readonly cacheSize: number;
  readonly timeoutMs: number;
  readonly retryForMs: number;
}

const OPTIONS = ['url', 'auth', 'headers', 'cacheSize', 'timeout', 'retryFor'];
const WHERE = 'schemaRegistry()';

/** @throws MillraceError `OPTION_INVALID` */
export function checkRegistryOptions(options: RegistryOptions): RegistrySettings {
  checkOptions(WHERE, options, OPTIONS);
  const { url, auth, headers = {}, cacheSize = 1_000, timeout = '10s', retryFor = '30s' } = options;
  const urls = typeof url === 'string' ? [url] : url;
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every(isHttp))
    throw optionError(`url of ${WHERE}`, url, "an address such as 'http://localhost:8081', or a list of them");
  if (!Number.isSafeInteger(cacheSize) || cacheSize < 1)
    throw optionError(`cacheSize of ${WHERE}`, cacheSize, 'a number of schemas from 1 on');
  if (typeof headers !== 'object' || headers === null)
    throw optionError(`headers of ${WHERE}`, headers, "an object of text: { name: 'value' }");
  const [first] = urls.map((one) => new URL(one)).filter(({ username }) => username !== '');
  const inUrl = first && { username: decodeURIComponent(first.username), password: decodeURIComponent(first.password) };
  const authorization = authorizationOf(auth ?? inUrl);
  return {
    urls: urls.map(withoutUser),
    headers: () => ({ ...headers, ...authorization() }),
    cacheSize,
    timeoutMs: positiveDurationMs(timeout, `timeout of ${WHERE}`),
    retryForMs: positiveDurationMs(retryFor, `retryFor of ${WHERE}`),
  };
}

function authorizationOf(auth: unknown): () => Readonly<Record<string, string>> {
  if (auth === undefined) return () => ({});
  if (typeof auth === 'object' && auth !== null) {
    if ('token' in auth && (typeof auth.token === 'string' || typeof auth.token === 'function')) {
      const { token } = auth;
      // A function of the program, which says that it returns text.
      return () => ({ authorization: `Bearer ${typeof token === 'string' ? token : (token as () => string)()}` });
    }
    if ('username' in auth && 'password' in auth) {
      const { username, password } = auth;
      if (typeof username === 'string' && typeof password === 'string') {
        const basic = Buffer.from(`${username}:${password}`).toString('base64');
        return () => ({ authorization: `Basic ${basic}` });
      }
    }
  }
  throw optionError(`auth of ${WHERE}`, auth, '{ username, password } or { token }');
}

/** Names and passwords are sent as a header, and stand in no error. */
function withoutUser(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/i, '$1').replace(/\/+$/, '');
}

function isHttp(url: unknown): boolean {
  if (typeof url !== 'string') return false;
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
