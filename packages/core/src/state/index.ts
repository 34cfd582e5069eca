export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export { canonicalKey } from './canonical-key.ts';
export { HeapBackend } from './heap-backend.ts';
export { HeapSlice } from './heap-slice.ts';
export { shownKey } from './heap-keyed-store.ts';
export { canonicalKeyBytes, KEY_GROUPS, keyGroupOf } from './key-group.ts';
export { decodeValue, encodeValue } from './value-codec.ts';
export { RowPool } from './row-pool.ts';
