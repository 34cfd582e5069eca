import { Codec, INVALID, type Direction, type Finding } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { fieldPath, isIdentifier } from '../path.ts';

/** One declared field. */
export interface FieldCodec {
  readonly name: string;
  readonly codec: Codec<unknown>;
}

type AnyObject = Readonly<Record<string, unknown>>;

/** Objects: own properties in, declared fields out, in declared order. */
export class StructCodec<T> extends Codec<T> {
  private readonly names: readonly string[];
  private readonly codecs: readonly Codec<unknown>[];
  /** Names that every object inherits (`constructor`, `__proto__`): to assign them is not to define them. */
  private readonly inherited: readonly boolean[];
  /** `"name":` per field. */
  private readonly prefixes: readonly string[];

  constructor(fields: readonly FieldCodec[]) {
    super(`struct({ ${fields.map((field) => `${field.name}: ${field.codec.describe}`).join(', ')} })`, 'an object');
    this.names = fields.map((field) => field.name);
    this.codecs = fields.map((field) => field.codec);
    this.inherited = this.names.map((name) => name in Object.prototype);
    this.prefixes = this.names.map((name) => `${JSON.stringify(name)}:`);
  }

  read(value: unknown): T | typeof INVALID {
    if (!isObject(value)) return INVALID;
    const decoded: Record<string, unknown> = {};
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i] as string;
      const field = (this.codecs[i] as Codec<unknown>).read(own(value, name));
      if (field === INVALID) return INVALID;
      if (field === undefined) continue;
      if (this.inherited[i] === true) define(decoded, name, field);
      else decoded[name] = field;
    }
    // Every required field was read by its codec, and only optional ones give undefined.
    return decoded as T;
  }

  write(value: unknown): string | undefined {
    if (!isObject(value)) return undefined;
    let text = '';
    for (let i = 0; i < this.names.length; i++) {
      const field = own(value, this.names[i] as string);
      const written = (this.codecs[i] as Codec<unknown>).write(field);
      if (written === undefined) return undefined;
      // Only optional fields take undefined; absent in, absent out.
      if (field !== undefined) text += `${text === '' ? '' : ','}${this.prefixes[i]}${written}`;
    }
    return `{${text}}`;
  }

  /**
   * Fields are read as plain properties and the object's prototype is checked instead: it must be Object.prototype, and
   * that must not have the field. Costs nothing measurable; `hasOwnProperty` would cost 5 ns per field.
   */
  emit(source: DecoderSource, raw: string): string {
    const isArray = source.use('isArray', Array.isArray);
    const prototypeOf = source.use('prototypeOf', Object.getPrototypeOf);
    const root = source.use('root', Object.prototype);
    source.failIf(
      `typeof ${raw} !== 'object' || ${raw} === null || ${isArray}(${raw}) || ${prototypeOf}(${raw}) !== ${root}`,
    );
    const fields: string[] = [];
    for (const [i, name] of this.names.entries()) {
      if (!isIdentifier(name) || name === '__proto__') {
        source.refuse();
        return raw;
      }
      const field = source.variable();
      if (this.inherited[i] === true) {
        const hasOwn = source.use('hasOwn', Object.hasOwn);
        source.add(`const ${field} = ${hasOwn}(${raw}, '${name}') ? ${raw}.${name} : undefined;`);
      } else {
        source.failIf(`${root}.${name} !== undefined`);
        source.add(`const ${field} = ${raw}.${name};`);
      }
      fields.push((this.codecs[i] as Codec<unknown>).emit(source, field));
    }
    return this.emitObject(source, fields);
  }

  override explain(value: unknown, path: string, direction: Direction): Finding {
    if (isObject(value)) {
      for (const [i, name] of this.names.entries()) {
        const codec = this.codecs[i] as Codec<unknown>;
        const field = own(value, name);
        if (!codec.fits(field, direction)) return codec.explain(field, fieldPath(path, name), direction);
      }
    }
    return super.explain(value, path, direction);
  }

  /** A literal of the fields before the first optional one, then assignments: absent fields must not appear. */
  private emitObject(source: DecoderSource, fields: readonly string[]): string {
    const decoded = source.variable();
    const firstOptional = this.codecs.findIndex((codec) => codec.read(undefined) !== INVALID);
    const inLiteral = firstOptional < 0 ? fields.length : firstOptional;
    const literal = fields.slice(0, inLiteral).map((field, i) => `${this.names[i]}: ${field}`);
    source.add(`const ${decoded} = { ${literal.join(', ')} };`);
    for (let i = inLiteral; i < fields.length; i++) {
      const name = this.names[i] as string;
      const field = fields[i] as string;
      if (this.inherited[i] === true) {
        const define_ = source.use('define', define);
        source.add(`if (${field} !== undefined) ${define_}(${decoded}, '${name}', ${field});`);
      } else {
        source.add(`if (${field} !== undefined) ${decoded}.${name} = ${field};`);
      }
    }
    return decoded;
  }
}

function isObject(value: unknown): value is AnyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(object: AnyObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
