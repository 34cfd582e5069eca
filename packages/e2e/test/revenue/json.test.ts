import { expect, test } from 'vitest';
import { checkJob } from './support/check-job.ts';
import { lines, NOON, orderLine } from './support/order-line.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const VALID = orderLine();

test('any text is a category of its own: escapes mean what they say, nothing is normalised', async () => {
  const categories = [
    ...['"books"', '"\\u0062ooks"', '"\\u0062\\u006f\\u006f\\u006bs"', '"Books"', '""', '" "', '"a/b"', '"a\\/b"'],
    ...[
      '"é"',
      '"e\u0301"',
      '"\\u00e9"',
      '"🎁"',
      '"\\ud83c\\udf81"',
      '"\\ud800"',
      '"\\udfff"',
      '"\\ud801"',
      '"\\ud83cx"',
    ],
    ...['"\\u0000"', '"\\u0000\\u0000"', '"\\n\\t\\r\\b\\f"', '"\\""', '"\\\\"', '"\\\\u0041"', '"\u007f"', '"\u2028"'],
    ...[
      '"__proto__"',
      '"constructor"',
      '"toString"',
      '"hasOwnProperty"',
      '"0"',
      '"-0"',
      '"null"',
      '"\ufeff"',
      '"\ufffd"',
    ],
    `"${'long'.repeat(3_000)}"`,
  ];
  const text = [...categories, ...categories.slice().reverse()].map((category) => orderLine({ category }));
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected).toMatchObject({ aggregated: text.length, rows: { length: categories.length - 5 } });
});

test('fields are found by their names, wherever they stand and however they are written', async () => {
  const deep = `${'['.repeat(5_000)}1${']'.repeat(5_000)}`;
  const ids = '"order_id":"o","customer_id":"c"';
  const rest = (category: string) => `"amount":1,"category":"${category}","event_time":${NOON}`;
  const text = [
    ` \t{ "event_time" : ${NOON} ,"category":"a" , "amount":1,"customer_id":"c","order_id":"o" } \t`,
    `{"\\u006frder_id":"o","customer\\u005fid":"c","amoun\\u0074":1,"categor\\u0079":"b","event_time":${NOON}}`,
    `{"items":[{"amount":"x","category":9}],${ids},${rest('c')}}`,
    `{${ids},${rest('d')},"x":{"amount":null,"event_time":""}}`,
    `{"note":"\\"amount\\":9,\\"category\\":\\"no\\"}",${ids},${rest('e')}}`,
    `{"__proto__":{"amount":"x"},${ids},${rest('f')}}`,
    `{"__proto__":null,"constructor":1,"toString":2,${ids},${rest('g')}}`,
    `{"deep":${deep},${ids},${rest('h')},"also":${deep}}`,
    `{"":0,"Amount":2,"amount ":3,"order_id":"","customer_id":"",${rest('i')}}`,
    `{"big":1e999,"small":-1e-999,${ids},${rest('j')}}`,
    `{"lone":"\\ud800","order_id":"\\udc00","customer_id":"\\u0000",${rest('k')}}`,
  ];
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected).toMatchObject({ aggregated: text.length, deadLetters: [] });
});

test('of duplicate fields the last one counts, whether it is right or wrong', async () => {
  const twice = (more: string) => VALID.replace(/}$/, `,${more}}`);
  const text = [
    twice('"amount":2.5'),
    twice('"amount":"2.5"'),
    twice('"amount":"x","amount":3'),
    twice('"category":"toys","category":"gard\\u0065n"'),
    twice('"category":null'),
    twice(`"event_time":"${NOON}"`),
    twice(`"event_time":${NOON + 300_000}`),
    twice('"order_id":1'),
    twice('"\\u0061mount":4'),
  ];
  const { expected } = await checkJob({ folder: temporaryFolder(), files: { 'a.ndjson': lines(...text) } });
  expect(expected).toMatchObject({ aggregated: 5, deadLetters: { length: 4 } });
});

test('what is not one JSON object with the five fields is malformed', async () => {
  const without = (field: string) => VALID.replace(new RegExp(`"${field}":("[^"]*"|[^,}]*),?`), '').replace(',}', '}');
  const text = [
    ...[
      'null',
      'true',
      '1',
      '"text"',
      '[]',
      '{}',
      'x',
      '{',
      '}',
      '"',
      '\\',
      '{"a":1',
      '[{}]',
      '\u0000',
      '\ufeff',
      '//',
    ],
    ...['order_id', 'customer_id', 'amount', 'category', 'event_time'].map(without),
    ...[
      `[${VALID}]`,
      `${VALID}${VALID}`,
      `${VALID},`,
      `${VALID}]`,
      `${VALID}\u0000`,
      `${VALID}\u00a0`,
      `\u2003${VALID}`,
    ],
    ...[VALID.replace(/}$/, ',}'), VALID.replace(/"/g, "'"), VALID.replace('{', '{/**/'), VALID.replace('{', '{,')],
    ...['null', '1', '[]', '{}', 'true', 'undefined', '"a\u0001"', '"a\tb"', '"\\x41"', '"\\u00"', '"a'].flatMap(
      (json) => [orderLine({ category: json }), orderLine({ order_id: json }), orderLine({ customer_id: json })],
    ),
    `{"__proto__":${VALID}}`,
    `{"order_id":"o","customer_id":"c","amount":1,"event_time":${NOON},"__proto__":{"category":"inherited"}}`,
    `{"order_id":"o","customer_id":"c","amount":1,"Category":"books","event_time":${NOON}}`,
  ];
  const { expected } = await checkJob({
    folder: temporaryFolder(),
    files: { 'a.ndjson': lines(VALID, ...text, VALID) },
  });
  expect(expected).toMatchObject({ aggregated: 2, deadLetters: { length: text.length } });
});
