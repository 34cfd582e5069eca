import { createHash } from 'node:crypto';
import type { GivenUpRecord, OutgoingRecord } from '../driver/driver.ts';

const NOTHING = new Uint8Array(0);

/** What a record and the report of its failure have in common. Empty is the same as missing: reports cannot tell. */
export function contentHash({ topic, key, value }: Pick<GivenUpRecord, 'topic' | 'key' | 'value'>): string {
  const hash = createHash('sha256').update(`${topic} ${key?.length ?? 0} `);
  return hash
    .update(key ?? NOTHING)
    .update(value ?? NOTHING)
    .digest('base64');
}

/** A record with all that may be refused about it. */
export function wholeHash(record: OutgoingRecord): string {
  const hash = createHash('sha256').update(`${contentHash(record)} ${record.key === null} ${record.timestamp} `);
  for (const [name, bytes] of record.headers) hash.update(`${name} ${bytes.length} `).update(bytes);
  return hash.digest('base64');
}
