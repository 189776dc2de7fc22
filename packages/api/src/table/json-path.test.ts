import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  evaluateJsonPath,
  JSON_PATH_LENGTH_MAX,
  JSON_PATH_VISITS_MAX,
  parseJsonPath,
} from './json-path.ts';

function find(text: string, root: unknown): readonly unknown[] | undefined {
  const path = parseJsonPath(text);
  if (path === undefined) throw new Error(`${text} cannot be read`);
  return evaluateJsonPath(path, root);
}

const LIST = {
  list: [
    { name: 'a', v: 1 },
    { name: 'b', v: 2 },
    { name: 'c', v: 3 },
  ],
};

describe('a path', () => {
  test.each([
    ['.list[*].name', ['a', 'b', 'c']],
    ['.list[1:].name', ['b', 'c']],
    ['.list[::2].name', ['a', 'c']],
    ['.list[-1].name', ['c']],
    ['.list[0,-1].name', ['a', 'c']],
    ["['list'][0]['name','v']", ['a', 1]],
    ['.list[?(@.v>=2)].name', ['b', 'c']],
    ['.list[?(@.v<2)].name', ['a']],
    ['.list[?(@.v>1.5)].name', ['b', 'c']],
    ['.list[?(@.v<=2)].v', [1, 2]],
    ['.list[?(@.name>"a")].v', [2, 3]],
    ['.list[?(@.name!="a")].v', [2, 3]],
    ['.list[?(@.other)].v', []],
    ['..v', [1, 2, 3]],
    ['.other.name', []],
    ['$.list[0].v', [1]],
    ['', [LIST]],
  ])('%s finds every value, in order', (text, values) => {
    expect(find(text, LIST)).toEqual(values);
  });

  test.each([
    '.list[3]',
    '.list[-4]',
    '.list[2:1]',
    '.list[0:4]',
    '.list[::0]',
    '.list[?(@.v=="1")]',
    '.list[0].name[0]',
  ])('%s fails', (text) => {
    expect(find(text, LIST)).toBeUndefined();
  });

  test('finds members of the object only, nothing inherited', () => {
    expect(find('.constructor', {})).toEqual([]);
    expect(find('.__proto__', {})).toEqual([]);
  });

  test.each([
    'spec',
    '.a[',
    '.a[x]',
    '.a[]',
    '.a[?(@.b==1]',
    '.a[?(@.b=1)]',
    '.a[?(b==1)]',
    '.a.....b',
    '.a["b"]',
    '.a,b',
    '.a[-]',
  ])('%s cannot be read', (text) => {
    expect(parseJsonPath(text)).toBeUndefined();
  });

  test('is bounded in length', () => {
    expect(parseJsonPath(`.${'a'.repeat(JSON_PATH_LENGTH_MAX - 1)}`)).toBeDefined();
    expect(parseJsonPath(`.${'a'.repeat(JSON_PATH_LENGTH_MAX)}`)).toBeUndefined();
  });

  test('fails when it would look at too many values', () => {
    const list = Array.from({ length: JSON_PATH_VISITS_MAX / 20 }, () => ({ v: 1 }));
    expect(find('.list[?(@.v==1)].v', { list })).toHaveLength(list.length);
    expect(find('..v[?(@..v)]', { list: [...list, ...list, ...list, ...list] })).toBeUndefined();
  });

  test('never throws, whatever it is and whatever it is used on', () => {
    const part = fc.constantFrom(
      '.',
      '..',
      '[',
      ']',
      '[?(',
      ')',
      '*',
      '@',
      "'",
      '"',
      ',',
      ':',
      '-1',
      '==',
      '<',
      'a',
      'b',
      '\\',
      '{',
      '}',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), fc.jsonValue(), (parts, root) => {
        const path = parseJsonPath(parts.join(''));
        if (path !== undefined) evaluateJsonPath(path, root);
      }),
      { numRuns: 2000 },
    );
  });
});
