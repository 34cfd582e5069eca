import { RowAggregates, RowReduce, type RowFunction } from '../aggregates/index.ts';
import type { AggregateSpec, FunctionCompiler } from '../model/index.ts';

/** What is computed incrementally, by windows and over whole streams. */
export type IncrementalCompute =
  | { readonly kind: 'aggregate'; readonly spec: AggregateSpec<unknown> }
  | { readonly kind: 'reduce'; readonly fn: (a: unknown, b: unknown) => unknown };

/** The same on rows of a slice. */
export function rowFunctionOf(compute: IncrementalCompute, compile: FunctionCompiler | undefined): RowFunction {
  return compute.kind === 'aggregate' ? new RowAggregates(compute.spec, compile) : new RowReduce(compute.fn);
}
