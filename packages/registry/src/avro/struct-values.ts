import type { Buffer } from 'node:buffer';
import { timestamp } from 'millrace';
import { unscaledOf } from '../mapping/decimal-bytes.ts';
import { decimalReader, describeDecimal } from '../mapping/decimal-value.ts';
import type { DecimalDefinition } from '../mapping/definition.ts';
import { wrongField } from '../mapping/malformed.ts';
import { unmappable } from '../mapping/unmappable.ts';
import type { AvroNode } from './avro-node.ts';

type Value = number | bigint;

/**
 * Reads a `decimal`: of Avro's logical type, or of Debezium's `VariableScaleDecimal`, a record that carries its scale.
 *
 * @throws MillraceError `SCHEMA_INVALID` if it was written as something else, or with more decimals
 */
export function decimalFrom(node: AvroNode, wanted: DecimalDefinition, path: string): (value: never) => Value {
  if (isVariableScale(node)) return variableScale(wanted, path);
  const written = node.kind === 'bytes' || node.kind === 'fixed' ? node.decimal : undefined;
  if (written === undefined) throw notReadable(node, 'decimal', path);
  if (written.scale > wanted.scale)
    throw unmappable(
      path,
      `it was written as ${describeDecimal(written)}, and ${describeDecimal(wanted)} would round it`,
      `Read it with at least ${written.scale} digits behind the point.`,
    );
  const read = decimalReader(wanted, written.scale);
  return (bytes: Buffer) => read(unscaledOf(bytes)) ?? doesNotFit(wanted, path);
}

function variableScale(wanted: DecimalDefinition, path: string): (value: never) => Value {
  return ({ scale, value }: { readonly scale: number; readonly value: Buffer }) => {
    const unscaled = unscaledOf(value);
    if (unscaled === undefined) return doesNotFit(wanted, path);
    const { reduced, decimals } = withoutZeros(BigInt(unscaled), scale);
    if (decimals > wanted.scale) return doesNotFit(wanted, path);
    const number = Number(reduced);
    return decimalReader(wanted, decimals)(Number.isSafeInteger(number) ? number : reduced) ?? doesNotFit(wanted, path);
  };
}

/** The same number with as few decimals as it takes; never less than none. */
function withoutZeros(unscaled: bigint, scale: number): { readonly reduced: bigint; readonly decimals: number } {
  if (scale < 0) return { reduced: unscaled * 10n ** BigInt(-scale), decimals: 0 };
  let [reduced, decimals] = [unscaled, scale];
  while (decimals > 0 && reduced % 10n === 0n) [reduced, decimals] = [reduced / 10n, decimals - 1];
  return { reduced, decimals };
}

function isVariableScale(node: AvroNode): boolean {
  if (node.kind !== 'record') return false;
  const kindOf = (name: string) => node.fields.find((field) => field.name === name)?.node.kind;
  return node.fields.length === 2 && kindOf('scale') === 'int' && kindOf('value') === 'bytes';
}

/** Reads text with a zone; decimals behind the millisecond are left out. */
export function zonedTimestampReader(path: string): (text: string) => number {
  const instant = timestamp();
  return (text) => {
    try {
      return instant.decode(text.replace(/(\.\d{3})\d+(?=Z|[+-])/, '$1'));
    } catch {
      throw wrongField(path, `is ${JSON.stringify(text)}`, 'a date and time with its zone');
    }
  };
}

function doesNotFit(wanted: DecimalDefinition, path: string): never {
  throw wrongField(path, 'does not fit', describeDecimal(wanted));
}

export function notReadable(node: AvroNode, kind: string, path: string): Error {
  const written = 'logicalType' in node && node.logicalType !== undefined ? ` (${node.logicalType})` : '';
  return unmappable(
    path,
    `it was written as ${node.kind}${written}, which is not read as ${kind}`,
    'Correct the struct.',
  );
}
