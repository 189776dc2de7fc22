import { describe, expect, it } from 'vitest';
import { jsonPathText, parseJsonPath, parsePath, jsonPathValues } from './json-path.ts';

const BROKER = {
  metadata: { name: 'main', annotations: { 'a.b/c': 'yes' } },
  spec: { size: 3, words: ['a', '<b>', 'c'], on: false, none: null },
  status: {
    conditions: [
      { type: 'Addressable', status: 'True' },
      { type: 'Ready', status: 'False', reason: 'NotYet' },
    ],
  },
};

function text(template: string): string {
  return jsonPathText(parseJsonPath(template), BROKER);
}

describe('a template', () => {
  it.each([
    ['{.metadata.name}', 'main'],
    ['name: {.metadata.name}!', 'name: main!'],
    ['{$.metadata.name}', 'main'],
    ['{@.metadata.name}', 'main'],
    ["{['metadata']['name']}", 'main'],
    ['{.metadata.annotations.a\\.b/c}', 'yes'],
    ['{.metadata.name}{"\\n"}', 'main\n'],
    ["{.metadata.name} {'\\t'}", 'main \t'],
    ['{.spec.words[1]}', '<b>'],
    ['{.spec.words[-1]}', 'c'],
    ['{.spec.words[0:2]}', 'a <b>'],
    ['{.spec.words[1:]}', '<b> c'],
    ['{.spec.words[*]}', 'a <b> c'],
    ['{.spec.words}', '["a","\\u003cb\\u003e","c"]'],
    ['{.spec.on}', 'false'],
    ['{.spec.none}', ''],
    ['{.spec.missing.deeper}x', 'x'],
    ['{.status.conditions[?(@.type=="Ready")].status}', 'False'],
    ["{.status.conditions[?(@.type != 'Ready')].type}", 'Addressable'],
    ['{.status.conditions[?(@.reason)].type}', 'Ready'],
    ['{.status.conditions[*].type}', 'Addressable Ready'],
    ['{range .status.conditions[*]}{.type}={.status};{end}', 'Addressable=True;Ready=False;'],
    ['.spec.size', '.spec.size'],
  ])('%s', (template, expected) => {
    expect(text(template)).toBe(expected);
  });

  it.each([
    ['<', '1'],
    ['<=', '1 2'],
    ['>', '3'],
    ['>=', '2 3'],
  ])('compares numbers by %s', (operator, expected) => {
    const items = { list: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 'x' }] };
    const path = parseJsonPath(`{.list[?(@.n${operator}2)].n}`);
    expect(jsonPathText(path, items)).toBe(expected);
  });

  it('says that an index is beyond the list', () => {
    expect(() => text('{.spec.words[9]}')).toThrow(/array index out of bounds: index 9, length 3/);
  });

  it.each([
    ['{..name}', /recursive descent \(\.\.\) is not supported at character/],
    ['{.spec.words[0,1]}', /several in \[ \] are not supported/],
    ['{.spec', /unclosed {|expected/],
    ['{.spec.words[0}', /expected \]/],
    ['{.spec.words[x]}', /expected an index/],
    ['{range .spec.words[*]}x', /{range} without {end}/],
    ['x{end}', /{end} without {range}/],
    ['{.a[?(@.b=="x" && @.c)]}', /compares one field with one value/],
    ['{.a[?(true)]}', /a filter begins with @/],
    ['{nonsense}', /expected a path/],
    [`{.${'a'.repeat(10_000)}}`, /may have 10000 characters/],
  ])('refuses %s', (template, message) => {
    expect(() => parseJsonPath(template)).toThrow(message);
  });

  it('does not find what an object has from its prototype', () => {
    expect(text('{.constructor}{.metadata.__proto__}')).toBe('');
  });
});

describe('a path of a column', () => {
  it.each(['.spec.size', 'spec.size', '{.spec.size}'])('may be written %s', (path) => {
    expect(jsonPathValues(parsePath(path), BROKER)).toEqual([3]);
  });
});
