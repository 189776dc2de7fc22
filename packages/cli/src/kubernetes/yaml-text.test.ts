import { test as fuzz, fc } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from './yaml-text.ts';

it.each([
  ['plain', 'a: plain\n'],
  ['it is: so', "a: 'it is: so'\n"],
  ["it's: so", "a: 'it''s: so'\n"],
  ["it's so", "a: it's so\n"],
  ['true', 'a: "true"\n'],
  ['on', 'a: "on"\n'],
  ['', 'a: ""\n'],
  ['0123', 'a: "0123"\n'],
  ['1e3', 'a: "1e3"\n'],
  ['0o7', 'a: "0o7"\n'],
  ['1:30', 'a: "1:30"\n'],
  ['2026-01-01', 'a: "2026-01-01"\n'],
  ['tab\there', 'a: "tab\\there"\n'],
  ['two\nlines\n', 'a: |\n  two\n  lines\n'],
  ['two\nlines', 'a: |-\n  two\n  lines\n'],
])('writes the text %j as kubectl does', (text, yaml) => {
  expect(yamlText({ a: text })).toBe(yaml);
});

it('sorts keys and does not indent lists', () => {
  expect(yamlText({ b: [{ z: 1, y: [] }], a: {} })).toBe('a: {}\nb:\n- "y": []\n  z: 1\n');
});

fuzz.prop([fc.jsonValue({ noUnicodeString: false })])(
  'is read back as what it was by YAML 1.1 and 1.2',
  (given) => {
    // JSON knows no negative zero.
    const value = JSON.parse(JSON.stringify(given)) as unknown;
    const text = yamlText({ value });
    const expected = { value };
    expect(parse(text, { version: '1.1' })).toEqual(expected);
    expect(parse(text)).toEqual(expected);
  },
);
