import { Codec, INVALID, type Direction, type Finding } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { indexPath } from '../path.ts';
import { codecOf, schemaOf } from '../schema-of.ts';
import type { Schema } from '../schema.ts';

/**
 * A list: a JSON array whose elements all fit `item`.
 *
 * @param item the schema of the elements
 *
 * @example
 * struct({ tags: array(string()) }).parse('{"tags":["a","b"]}').tags; // ['a', 'b']
 */
export function array<T>(item: Schema<T>): Schema<T[]> {
  const codec = new ArrayCodec(codecOf(item));
  return schemaOf({ kind: 'array', item: item.definition }, codec);
}

class ArrayCodec<T> extends Codec<T[]> {
  private readonly item: Codec<T>;

  constructor(item: Codec<T>) {
    super(`array(${item.describe})`, 'an array');
    this.item = item;
  }

  read(value: unknown): T[] | typeof INVALID {
    if (!Array.isArray(value)) return INVALID;
    const decoded: T[] = [];
    for (let i = 0; i < value.length; i++) {
      const item = this.item.read(value[i]);
      if (item === INVALID) return INVALID;
      decoded.push(item);
    }
    return decoded;
  }

  write(value: unknown): string | undefined {
    if (!Array.isArray(value)) return undefined;
    let text = '[';
    for (let i = 0; i < value.length; i++) {
      const item = this.item.write(value[i]);
      if (item === undefined) return undefined;
      text += i === 0 ? item : `,${item}`;
    }
    return `${text}]`;
  }

  emit(source: DecoderSource, raw: string): string {
    const decoded = source.variable();
    const index = source.variable();
    const element = source.variable();
    source.failIf(`!${source.use('isArray', Array.isArray)}(${raw})`);
    source.add(`const ${decoded} = [];`);
    source.add(`for (let ${index} = 0; ${index} < ${raw}.length; ${index}++) {`);
    source.add(`const ${element} = ${raw}[${index}];`);
    const item = this.item.emit(source, element);
    source.add(`${decoded}.push(${item});`);
    source.add('}');
    return decoded;
  }

  override explain(value: unknown, path: string, direction: Direction): Finding {
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        if (!this.item.fits(value[i], direction)) return this.item.explain(value[i], indexPath(path, i), direction);
      }
    }
    return super.explain(value, path, direction);
  }
}
