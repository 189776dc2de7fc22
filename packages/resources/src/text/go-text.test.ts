import { describe, expect, test } from 'vitest';
import { goJson, goText } from './go-text.ts';

// Recorded from kubectl 1.32.
test.each([
  [1_000_000, '1000000'],
  [1_234_567.5, '1.2345675e+06'],
  [123_456.5, '123456.5'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [2 ** 63, '9.223372036854776e+18'],
  [-3, '-3'],
  [true, 'true'],
  ['a b', 'a b'],
  [null, '<nil>'],
  [['a', 1, null], '[a 1 <nil>]'],
  [{ b: 'x', a: [1.5, { z: false, y: 1 }] }, 'map[a:[1.5 map[y:1 z:false]] b:x]'],
])('%j is written %s', (value, text) => {
  expect(goText(value)).toBe(text);
});

describe('JSON', () => {
  test('has its keys in order and characters escaped that HTML would read', () => {
    expect(goJson({ b: '<&>', a: [{ d: 1, c: '\u2028' }] })).toBe(
      '{"a":[{"c":"\\u2028","d":1}],"b":"\\u003c\\u0026\\u003e"}',
    );
  });

  test('can be indented', () => {
    expect(goJson({ b: 1, a: [2] }, 2)).toBe('{\n  "a": [\n    2\n  ],\n  "b": 1\n}');
  });

  test('keeps a key that is no ordinary one', () => {
    expect(goJson(JSON.parse('{"__proto__":1}'))).toBe('{"__proto__":1}');
  });
});
