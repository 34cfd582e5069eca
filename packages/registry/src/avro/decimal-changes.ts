import { describeDecimal } from '../mapping/decimal-value.ts';
import { fieldOf, itemOf, unmappable } from '../mapping/unmappable.ts';
import type { AvroNode } from './avro-node.ts';

/**
 * Avro resolves decimals only of the same scale; avsc, which knows them as bytes, would take 12.3 for 1.23.
 *
 * @throws MillraceError `SCHEMA_INVALID` naming the field
 */
export function checkDecimals(
  written: AvroNode,
  wanted: AvroNode,
  path: string = '',
  seen = new Set<AvroNode>(),
): void {
  for (const from of branchesOf(written)) {
    for (const to of branchesOf(wanted)) {
      if ('decimal' in from && 'decimal' in to && from.decimal?.scale !== to.decimal?.scale)
        throw unmappable(
          path,
          `it was written as ${shown(from.decimal)}, and the program's schema has ${shown(to.decimal)}`,
          'The scale of a decimal cannot change.',
        );
      if (from.kind === 'array' && to.kind === 'array') checkDecimals(from.items, to.items, itemOf(path), seen);
      if (from.kind === 'map' && to.kind === 'map') checkDecimals(from.values, to.values, itemOf(path), seen);
      // A record that holds itself is looked at once.
      if (from.kind !== 'record' || to.kind !== 'record' || seen.has(to)) continue;
      seen.add(to);
      for (const { name, aliases, node } of to.fields) {
        const field = from.fields.find((one) => one.name === name || aliases.includes(one.name));
        if (field !== undefined) checkDecimals(field.node, node, fieldOf(path, name), seen);
      }
    }
  }
}

const branchesOf = (node: AvroNode): readonly AvroNode[] => (node.kind === 'union' ? node.branches : [node]);

const shown = (decimal: { readonly precision: number; readonly scale: number } | undefined): string =>
  decimal === undefined ? 'bytes' : describeDecimal(decimal);
