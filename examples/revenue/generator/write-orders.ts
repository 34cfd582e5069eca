import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { orderChunks, type OrdersSpec } from './orders.ts';

/** Writes a file of orders: under another name first, so that a file of this name is always complete. */
export function writeOrders(file: string, spec: OrdersSpec, onProgress: (orders: number) => void = () => {}): number {
  mkdirSync(path.dirname(file), { recursive: true });
  const unfinished = `${file}.unfinished`;
  const handle = openSync(unfinished, 'w');
  let bytes = 0;
  try {
    for (const chunk of orderChunks(spec)) {
      for (let at = 0; at < chunk.bytes.length;) at += writeSync(handle, chunk.bytes, at);
      bytes += chunk.bytes.length;
      onProgress(chunk.orders);
    }
  } finally {
    closeSync(handle);
  }
  renameSync(unfinished, file);
  return bytes;
}
