import { describe, expect, it } from 'vitest';
import { array, decimal, int, json, optional, string, struct, timestamp, type Schema } from '../../src/schema/index.ts';
import { errorOf, outcomeOf, pathOf } from './errors.ts';

const Order = struct({
  order_id: string(),
  items: array(struct({ sku: string(), price: decimal(10, 2) })),
  note: optional(string()),
  event_time: timestamp(),
});
const good = { order_id: 'a', items: [{ sku: 's', price: 1.5 }], event_time: 7 };

describe('struct', () => {
  it('decodes its fields in declared order and drops all others', () => {
    const line =
      '{"x":{"order_id":1},"event_time":7,"items":[{"price":1.5,"sku":"s","y":[[]]}],"order_id":"a","__proto__":{"note":"no"}}';
    const order = Order.parse(line);
    expect(order).toStrictEqual({ order_id: 'a', items: [{ sku: 's', price: 150 }], event_time: 7 });
    expect(Object.keys(order)).toEqual(['order_id', 'items', 'event_time']);
  });

  it.each([
    [{ ...good, order_id: 1 }, 'order_id'],
    [{ ...good, items: {} }, 'items'],
    [{ ...good, items: [good.items[0], { sku: 's', price: '1.5' }] }, 'items[1].price'],
    [{ ...good, items: [null] }, 'items[0]'],
    [{ ...good, items: [[]] }, 'items[0]'],
    [{ ...good, note: 5 }, 'note'],
    [{ order_id: 'a' }, 'items'],
    [{}, 'order_id'],
    [[], ''],
    [null, ''],
    ['{}', ''],
    [() => 1, ''],
    [undefined, ''],
  ])('names the first field that does not fit: %j', (value, path) => {
    expect(pathOf(() => Order.decode(value))).toBe(path);
  });

  it('puts the path that the caller gives in front', () => {
    const value = { ...good, items: [{ sku: 's' }] };
    expect(pathOf(() => Order.decode(value, 'line[3]'))).toBe('line[3].items[0].price');
  });

  it('quotes field names that are no identifiers', () => {
    const schema = struct({ 'two words': struct({ größe: int() }) });
    expect(pathOf(() => schema.decode({ 'two words': {} }))).toBe('["two words"]["größe"]');
  });

  it('takes own properties only', () => {
    expect(pathOf(() => Order.decode(Object.create(good)))).toBe('order_id');
    expect(pathOf(() => struct({ amount: int() }).parse('{"__proto__":{"amount":1}}'))).toBe('amount');
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const schema = struct({ [name]: json() });
      expect(pathOf(() => schema.decode({}))).toBe(name);
      expect(pathOf(() => schema.encode({}))).toBe(name);
      const decoded = schema.parse(`{"${name}":{"a":1}}`);
      expect(Object.hasOwn(decoded, name)).toBe(true);
      expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
      expect(schema.encode(decoded)).toBe(`{"${name}":{"a":1}}`);
    }
  });

  it('does not change what it decodes', () => {
    const input: unknown = JSON.parse(JSON.stringify(good));
    Order.decode(input);
    expect(input).toEqual(good);
  });

  it('writes declared fields in order, without absent ones and undeclared ones', () => {
    const value = { event_time: 7, note: 'n', extra: NaN, items: [], order_id: 'a' };
    expect(Order.encode(value)).toBe('{"order_id":"a","items":[],"note":"n","event_time":7}');
    expect(Order.encode({ order_id: 'a', items: [], event_time: 7 })).toBe(
      '{"order_id":"a","items":[],"event_time":7}',
    );
    expect(struct({ a: optional(int()), b: int() }).encode({ b: 1 })).toBe('{"b":1}');
    expect(struct({}).encode({})).toBe('{}');
  });

  it('names the field that cannot be written', () => {
    const bad = { order_id: 'a', items: [{ sku: 's', price: 1.5 }], event_time: 7 };
    const error = errorOf(() => Order.encode(bad));
    expect(error.fields['path']).toBe('items[0].price');
    expect(error.message).toBe(
      'cannot encode: items[0].price is 1.5, but must be a whole number (in units of 10^-2) ' +
        'between -10000000000 and 10000000000: decimal(10, 2)',
    );
    expect(pathOf(() => Order.encode({ ...bad, items: [], note: null as unknown as string }))).toBe('note');
    expect(pathOf(() => Order.encode([] as unknown as typeof bad))).toBe('');
  });

  it('is built of schemas only', () => {
    const error = errorOf(() => struct({ a: string as unknown as Schema<string> }));
    expect(error.code).toBe('SCHEMA_INVALID');
    expect(error.message).toBe('field a of struct is a function, but must be a schema such as string().');
    expect(errorOf(() => struct(null as unknown as Record<string, Schema<string>>)).code).toBe('SCHEMA_INVALID');
    expect(errorOf(() => array(undefined as unknown as Schema<string>)).code).toBe('SCHEMA_INVALID');
    expect(errorOf(() => optional({} as Schema<string>)).code).toBe('SCHEMA_INVALID');
  });

  it('describes itself and carries its definition', () => {
    expect(struct({ a: array(int()), b: optional(decimal(20, 2)) }).describe).toBe(
      'struct({ a: array(int), b: optional(decimal(20, 2)) })',
    );
    expect(struct({ a: array(int()) }).definition).toEqual({
      kind: 'struct',
      fields: [{ name: 'a', schema: { kind: 'array', item: { kind: 'int' } } }],
    });
    expect(Object.keys(Order.fields)).toEqual(['order_id', 'items', 'note', 'event_time']);
  });
});

describe('optional', () => {
  it('leaves a missing or null field out', () => {
    const schema = struct({ a: optional(json()), b: optional(struct({ c: int() })) });
    expect(schema.decode({ a: null })).toStrictEqual({});
    expect(Object.keys(schema.decode({ a: undefined, b: null }))).toEqual([]);
    expect(schema.decode({ a: false, b: { c: 1 } })).toStrictEqual({ a: false, b: { c: 1 } });
    expect(outcomeOf(() => schema.decode({ b: {} }))).toMatchObject({ fields: { path: 'b.c' } });
    expect(errorOf(() => schema.decode({ b: 3 })).message).toBe('b is 3, but must be missing, null or an object');
  });

  it('is undefined, written as null, outside of a struct', () => {
    const list = array(optional(int()));
    expect(list.decode([1, null])).toEqual([1, undefined]);
    expect(list.encode([1, undefined])).toBe('[1,null]');
  });
});
