import { test as property, fc } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { duplicateFields } from './duplicate-fields.ts';

it.each([
  ['{"a":1,"b":{"a":2}}', []],
  ['{"a":1,"a":2}', ['a']],
  ['{"a":1,"a":2,"a":3}', ['a']],
  ['{ "m" : { "labels" : { "x.y/z" : "1" , "x.y/z" : "2" } } }', ['m.labels.x.y/z']],
  ['{"data":{"a":"1","a":"2"},"data":{"c":"1"}}', ['data.a', 'data']],
  ['{"s":{"list":[{"a":1,"a":2},{"b":1},[{"c":1,"c":1}]]}}', ['s.list[0].a', 's.list[2][0].c']],
  ['[{"op":"test","op":"add"}]', ['[0].op']],
  ['{"a":"a","b":["a","a"],"c":"\\"a\\":"}', []],
  ['{"\\u0061":1,"a":2}', ['a']],
  ['{"":1,"":2}', ['']],
  ['"a"', []],
  ['1', []],
])('of %s are %j', (text, expected) => {
  expect(duplicateFields(text)).toEqual(expected);
});

property.prop([fc.json(), fc.nat({ max: 4 })])(
  'are none in what a program wrote',
  (json, space) => {
    const value: unknown = JSON.parse(json);
    expect(duplicateFields(JSON.stringify(value, undefined, space))).toEqual([]);
  },
);

it('are told up to a bound, and so is the path of each', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => `"k${String(index)}":1`).join(',');
  expect(duplicateFields(`{${many},${many}}`)).toHaveLength(100);
  const long = 'x'.repeat(1_000_000);
  const [path = '', ...others] = duplicateFields(`{"${long}":{${'"a":1,'.repeat(100_000)}"a":1}}`);
  expect([path.length, others]).toEqual([500, []]);
});
