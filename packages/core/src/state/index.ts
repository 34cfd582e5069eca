export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export { HeapBackend } from './heap-backend.ts';
export { canonicalKeyBytes, KEY_GROUPS, keyGroupOf } from './key-group.ts';
export { decodeValue, encodeValue } from './value-codec.ts';
