import { RowAggregates, RowReduce, type RowFunction } from '../aggregates/index.ts';
import type { AggregateSpec, FunctionCompiler } from '../model/index.ts';

/** What a window computes. */
export type WindowCompute =
  | { readonly kind: 'aggregate'; readonly spec: AggregateSpec<unknown> }
  | { readonly kind: 'reduce'; readonly fn: (a: unknown, b: unknown) => unknown };

/** The same on rows of a slice. */
export function rowFunctionOf(compute: WindowCompute, compile: FunctionCompiler | undefined): RowFunction {
  return compute.kind === 'aggregate' ? new RowAggregates(compute.spec, compile) : new RowReduce(compute.fn);
}
