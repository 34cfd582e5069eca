import { ndjsonSink } from './ndjson-sink.ts';
import { ndjsonSource } from './ndjson-source.ts';

/** NDJSON files: `ndjson(paths, options)` reads them, `ndjson.sink(dir, options)` writes them. */
export const ndjson: typeof ndjsonSource & { readonly sink: typeof ndjsonSink } = Object.assign(ndjsonSource, {
  sink: ndjsonSink,
});
