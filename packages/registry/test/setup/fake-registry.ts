/**
 * A registry in memory, over HTTP, with as much of Confluent's interface as the formats use. Its policy is what a test says; it can be
 * down (connections are cut), and it counts what it is asked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Info {
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly { name: string; subject: string; version: number }[];
}

interface Version extends Info {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
}

export interface FakeRegistry {
  readonly url: string;
  /** `METHOD path`, in order. */
  readonly asked: string[];
  readonly headers: IncomingMessage['headers'][];
  /** What answers the next requests instead: a status, or `'down'`; taken one by one. */
  readonly trouble: (number | 'down' | 'hangs')[];
  /** What is given for an id that is asked for with format=serialized. */
  readonly serialized: Map<number, string>;
  /** Whether a change is compatible; default: all are. */
  isCompatible: (subject: string, info: Info) => boolean;
  add(subject: string, info: Info, id?: number): number;
  stop(): Promise<void>;
}

export async function fakeRegistry(): Promise<FakeRegistry> {
  const versions: Version[] = [];
  const asked: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const trouble: FakeRegistry['trouble'] = [];
  const of = (subject: string): Version[] => versions.filter((one) => one.subject === subject);
  const same = (a: Info, b: Info): boolean => a.schema === b.schema;
  const add = (subject: string, info: Info, given?: number): number => {
    const known = versions.find((one) => same(one, info) && one.schemaType === info.schemaType);
    const id = given ?? known?.id ?? Math.max(0, ...versions.map((one) => one.id)) + 1;
    if (!of(subject).some((one) => same(one, info)))
      versions.push({ ...info, subject, id, version: of(subject).length + 1 });
    return id;
  };

  const serialized = new Map<number, string>();
  const answer = (method: string, path: string, body: Info | undefined, format: string | null): [number, unknown] => {
    const missing = (code: number): [number, unknown] => [404, { error_code: code, message: `no ${path}` }];
    const [, id] = /^\/schemas\/ids\/(\d+)$/.exec(path) ?? [];
    if (id !== undefined) {
      const found = versions.find((one) => one.id === Number(id));
      const schema = format === 'serialized' ? serialized.get(Number(id)) : undefined;
      if (found === undefined) return missing(40403);
      return [200, schema === undefined ? infoOf(found) : { ...infoOf(found), schema }];
    }
    const [, subject, version] = /^\/subjects\/([^/]+)(?:\/versions(?:\/(\w+))?)?$/.exec(path) ?? [];
    if (subject !== undefined && method === 'GET') {
      const all = of(subject);
      const found = version === 'latest' ? all.at(-1) : all.find((one) => one.version === Number(version));
      return found === undefined ? missing(40402) : [200, found];
    }
    if (subject !== undefined && body !== undefined) {
      if (path.endsWith('/versions')) {
        if (of(subject).length > 0 && !fake.isCompatible(subject, body))
          return [409, { error_code: 409, message: 'no' }];
        return [200, { id: add(subject, body) }];
      }
      const found = of(subject).find((one) => same(one, body));
      return found === undefined ? missing(40403) : [200, found];
    }
    const [, checked] = /^\/compatibility\/subjects\/([^/]+)\//.exec(path) ?? [];
    if (checked !== undefined && body !== undefined) return [200, { is_compatible: fake.isCompatible(checked, body) }];
    if (path.startsWith('/config')) return [200, { compatibilityLevel: 'BACKWARD' }];
    return missing(404);
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake');
    const path = decodeURIComponent(pathname);
    asked.push(`${request.method} ${path}`);
    headers.push(request.headers);
    const next = trouble.shift();
    if (next === 'down') return void request.socket.destroy();
    if (next === 'hangs') return;
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const [status, body] =
        next === undefined
          ? answer(
              request.method ?? 'GET',
              path,
              text === '' ? undefined : (JSON.parse(text) as Info),
              searchParams.get('format'),
            )
          : [next, { error_code: next, message: `trouble ${next}` }];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeRegistry = {
    url: `http://127.0.0.1:${port}`,
    asked,
    headers,
    trouble,
    serialized,
    isCompatible: () => true,
    add,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
}

const infoOf = ({ schema, schemaType, references = [] }: Version) => ({ schema, schemaType, references });
