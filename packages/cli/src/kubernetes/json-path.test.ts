import { describe, expect, it } from 'vitest';
import { CliError } from '../errors.ts';
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
    ['{.spec.none}', 'null'],
    ['{.spec.missing.deeper}x', 'x'],
    ['{.spec.words[0,2]}', 'a c'],
    ['{..type}', 'Addressable Ready'],
    ['{1234567.5} {true}', '1.2345675e+06 true'],
    ['{range .spec.words[*]}{range @.x}{@}{end}[{@}]{end}', '[a][<b>][c]'],
    ['{.status.conditions[?(@.type=="Ready")].status}', 'False'],
    ["{.status.conditions[?(@.type != 'Ready')].type}", 'Addressable'],
    ['{.status.conditions[?(@.reason)].type}', 'Ready'],
    ['{.status.conditions[*].type}', 'Addressable Ready'],
    ['{range .status.conditions[*]}{.type}={.status};{end}', 'Addressable=True;Ready=False;'],
    ['.spec.size', '.spec.size'],
  ])('%s', (template, expected) => {
    expect(text(template)).toBe(expected);
  });

  it('says that an index is beyond the list', () => {
    expect(() => text('{.spec.words[9]}')).toThrow(/array index out of bounds: index 9, length 3/);
  });

  it.each([
    ['{.spec', /unclosed { at character 7/],
    ['{nonsense}', /expected a path/],
    [`{.${'a'.repeat(10_000)}}`, /may have 10000 characters/],
  ])('refuses %s as wrong usage', (template, message) => {
    expect(() => parseJsonPath(template)).toThrow(message);
    expect(() => parseJsonPath(template)).toThrow(CliError);
  });
});

describe('a path of a column', () => {
  it.each(['.spec.size', 'spec.size', '{.spec.size}'])('may be written %s', (path) => {
    expect(jsonPathValues(parsePath(path), BROKER)).toEqual([3]);
  });
});
