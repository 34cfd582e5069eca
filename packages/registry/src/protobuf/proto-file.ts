import { MillraceError, messageOf } from 'millrace';
import protobuf from 'protobufjs';
import type { RegisteredSchema } from '../client/registered-schema.ts';

type ProtoType = protobuf.Type;

/** A .proto file: its messages by their place in it. */
export interface ProtoFile {
  /** Message at a path of indexes; `undefined`: there is none. */
  at(path: readonly number[]): ProtoType | undefined;
  /** Path and type of a message by its name, with or without the package; of the first one without a name. */
  find(name: string | undefined): { readonly path: readonly number[]; readonly type: ProtoType } | undefined;
}

/** What Confluent's registry knows without being told. */
const DECIMAL = `syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`;

const OPTIONS = { keepCase: true };

/**
 * @param references files that it imports, those that others import first
 * @throws MillraceError `SCHEMA_INVALID`
 */
export function protoFile(text: string, references: readonly RegisteredSchema[] = []): ProtoFile {
  try {
    const root = new protobuf.Root();
    for (const name of ['timestamp', 'duration', 'any', 'wrappers', 'struct', 'empty', 'field_mask']) {
      const known = protobuf.common.get(`google/protobuf/${name}.proto`);
      if (known !== null) root.addJSON((known.nested ?? {}) as Parameters<typeof root.addJSON>[0]);
    }
    if ([text, ...references.map(({ schema }) => schema)].some((one) => one.includes('confluent/type/decimal.proto')))
      protobuf.parse(DECIMAL, root, OPTIONS);
    for (const { name, schema } of references) if (!isBuiltIn(name)) protobuf.parse(schema, root, OPTIONS);
    protobuf.parse(text, root, OPTIONS);
    root.resolveAll();
    // Alone, so that messages of a package that other files share are not taken for this one's.
    const alone = protobuf.parse(text, new protobuf.Root(), OPTIONS);
    const first = alone.package === undefined ? alone.root : alone.root.lookup(alone.package);
    return fileOf(messagesIn(first as protobuf.NamespaceBase), root);
  } catch (cause) {
    throw new MillraceError('SCHEMA_INVALID', { message: `the .proto schema is wrong: ${messageOf(cause)}`, cause });
  }
}

/** Files that are there already, whether the registry has them, too, or not. */
const isBuiltIn = (name: string | undefined): boolean => /^(google\/protobuf|confluent\/type)\//.test(name ?? '');

const messagesIn = (space: protobuf.NamespaceBase): readonly ProtoType[] =>
  space.nestedArray.filter((one): one is ProtoType => one instanceof protobuf.Type);

function fileOf(top: readonly ProtoType[], root: protobuf.Root): ProtoFile {
  const inRoot = (type: ProtoType): ProtoType => root.lookupType(type.fullName);
  return {
    at(path) {
      let messages = top;
      let found: ProtoType | undefined;
      for (const index of path) {
        found = messages[index];
        if (found === undefined) return undefined;
        messages = messagesIn(found);
      }
      return found === undefined ? undefined : inRoot(found);
    },
    find(name) {
      const found = search(top, (type) => {
        const full = type.fullName.slice(1);
        return name === undefined || full === name || full.endsWith(`.${name}`);
      });
      return found === undefined ? undefined : { path: found.path, type: inRoot(found.type) };
    },
  };
}

function search(
  messages: readonly ProtoType[],
  wanted: (type: ProtoType) => boolean,
): { readonly path: readonly number[]; readonly type: ProtoType } | undefined {
  for (const [index, type] of messages.entries()) if (wanted(type)) return { path: [index], type };
  for (const [index, type] of messages.entries()) {
    const inside = search(messagesIn(type), wanted);
    if (inside !== undefined) return { path: [index, ...inside.path], type: inside.type };
  }
  return undefined;
}
