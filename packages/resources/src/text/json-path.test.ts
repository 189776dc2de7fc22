import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResourcesError } from '../errors.ts';
import { parseJsonPath } from './json-path-reader.ts';
import { findValues } from './json-path.ts';

const LENGTH_MAX = 1000;
const VISITS_MAX = 10_000;

/** What a path finds; the text of the refusal where it fails. */
function find(text: string, root: unknown): unknown {
  const [part] = parseJsonPath(`{${text}}`, { lengthMax: LENGTH_MAX });
  if (part?.is !== 'path') throw new Error(`${text} is no path`);
  try {
    return findValues(part.steps, root, { visitsMax: VISITS_MAX });
  } catch (error) {
    if (error instanceof ResourcesError) return error.message;
    throw error;
  }
}

const OBJECT = {
  list: [
    { name: 'a', v: 1 },
    { name: 'b', v: 2 },
    { name: 'c', v: 3 },
  ],
  map: { y: 1, x: 2 },
  annotations: { 'a.b/c': 'yes' },
  none: null,
};

// Recorded from kubectl 1.32 and the columns of kube-apiserver 1.33, apart from the order of members.
describe('a path', () => {
  test.each([
    ['.list[*].name', ['a', 'b', 'c']],
    ['.list[1:].name', ['b', 'c']],
    ['.list[0:2].name', ['a', 'b']],
    ['.list[1:1].name', []],
    ['.list[::2].name', ['a', 'c']],
    ['.list[-1].name', ['c']],
    ['.list[-1:].name', ['c']],
    ['.list[0,-1].name', ['a', 'c']],
    ["['list'][0]['name','v']", ['a', 1]],
    ['.list[?(@.v>=2)].name', ['b', 'c']],
    ['.list[?(@.v<2)].name', ['a']],
    ['.list[?(@.v>1.5)].name', ['b', 'c']],
    ['.list[?(@.v<=2)].v', [1, 2]],
    ['.list[?(@.name>"a")].v', [2, 3]],
    ['.list[?(@.name!="a")].v', [2, 3]],
    [".list[?( @.name == 'a' )].v", [1]],
    ['.list[?(2==@.v)].name', ['b']],
    ['.list[?(@.v==@.v)].v', [1, 2, 3]],
    ["['list'][?(@['v']==1)].name", ['a']],
    ['.list[?(true)].v', [1, 2, 3]],
    ['.list[?(@.other)].v', []],
    ['.list[?(@.other=="a")].v', []],
    ['..v', [1, 2, 3]],
    ['.list..v', [1, 2, 3]],
    ['.map.*', [2, 1]],
    ['.map.x.*', []],
    ['.annotations.a\\.b/c', ['yes']],
    ["['annotations']['a\\.b/c']", ['yes']],
    ["['annotations']['a.b/c']", []],
    ['.other.name', []],
    ['.other[0]', []],
    ['.other[?(@.v)]', []],
    ['.none', [null]],
    ['.none[0]', []],
    ['$.list[0].v', [1]],
    ['@.list[0].v', [1]],
    ['.list[0].v "text"', ['text']],
    ['.', []],
    ['', [OBJECT]],
    ['@', [OBJECT]],
    ['5', [5]],
    ['-1.5', [-1.5]],
    ['false', [false]],
  ])('%s finds every value, in order', (text, values) => {
    expect(find(text, OBJECT)).toEqual(values);
  });

  test.each([
    ['.list[3]', 'array index out of bounds: index 3, length 3'],
    ['.list[-4]', 'array index out of bounds: index -1, length 3'],
    ['.list[5:9]', 'array index out of bounds: index 5, length 3'],
    ['.list[0:4]', 'array index out of bounds: index 3, length 3'],
    ['.list[2:1]', 'starting index 2 is greater than ending index 1'],
    ['.list[::0]', 'step must be > 0'],
    ['.list[?(@.v=="1")]', 'incompatible types for comparison'],
    ['.list[?(@.*==1)]', 'can only compare one element at a time'],
    ['.list[?(false<true)]', 'invalid type for comparison'],
    ['.list[0].name[0]', 'no list to look into: string'],
    ['.map[*]', 'no list to look into: object'],
    ['.none[?(@.a)]', 'no list to look into: null'],
  ])('%s fails', (text, why) => {
    expect(find(text, OBJECT)).toBe(`jsonpath: ${why}`);
  });

  test('finds members of the object only, nothing inherited', () => {
    expect(find('.constructor', {})).toEqual([]);
    expect(find('.__proto__', {})).toEqual([]);
  });

  test('fails when it would look at too many values', () => {
    const list = Array.from({ length: VISITS_MAX / 20 }, () => ({ v: 1 }));
    expect(find('.list[?(@.v==1)].v', { list })).toHaveLength(list.length);
    const many = { list: Array.from({ length: 6 }, () => list).flat() };
    const tooMany = 'jsonpath: it looks at more than 10000 values';
    expect(find('.list[?(@.v==1)].v', many)).toBe(tooMany);
    expect(find('..v', many)).toBe(tooMany);
    expect(find('.list[0]', many)).toEqual([{ v: 1 }]);
  });
});

describe('a template', () => {
  test('is text, paths, and ranges with templates in them', () => {
    const name = { is: 'path', steps: [{ type: 'field', name: 'name' }] };
    const items = [
      { type: 'field', name: 'items' },
      { type: 'slice', start: 0, by: 1 },
    ];
    const template = 'a{.name}{range .items[*]}{.name}{"\\n"}{end}b';
    expect(parseJsonPath(template, { lengthMax: LENGTH_MAX })).toEqual([
      { is: 'text', text: 'a' },
      name,
      {
        is: 'range',
        steps: items,
        parts: [name, { is: 'path', steps: [{ type: 'literal', value: '\n' }] }],
      },
      { is: 'text', text: 'b' },
    ]);
  });

  test.each([
    ['{spec}', 'expected a path such as .metadata.name at character 2'],
    ['{.a,b}', 'expected a path such as .metadata.name at character 4'],
    ['{.a', 'unclosed { at character 4'],
    ['{.a[}', 'expected ] at character 5'],
    ['{.a[x]}', "expected an index, a name in '', * or ?( ) at character 5"],
    ['{.a[]}', "expected an index, a name in '', * or ?( ) at character 5"],
    ['{.a[-]}', "expected an index, a name in '', * or ?( ) at character 5"],
    ['{.a["b"]}', "expected an index, a name in '', * or ?( ) at character 5"],
    ['{.a[0,x]}', "expected an index, a name in '', * or ?( ) at character 7"],
    ["{.a['b c']}", 'expected a path such as .metadata.name at character 8'],
    ['{.a[?(@.b==1]}', 'a filter without ) at character 7'],
    ['{.a[?(@.b=="x)]}', 'a filter without ) at character 7'],
    ['{.a[?(@.b==1).c}', 'expected ] at character 14'],
    ['{.a[?(@.b=1)]}', 'there is no operator = at character 14'],
    ['{.a[?(b==1)]}', 'expected a path such as .metadata.name at character 7'],
    ['{.a[?(@.b=="x" && @.c)]}', 'expected a path such as .metadata.name at character 16'],
    ['{.a.....b}', '.. after .. at character 8'],
    ['{range .a[*]}x', '{range} without {end} at character 15'],
    ['x{end}', '{end} without {range} at character 7'],
  ])('%s cannot be read', (template, why) => {
    expect(() => parseJsonPath(template, { lengthMax: LENGTH_MAX })).toThrow(
      `jsonpath ${JSON.stringify(template)}: ${why}`,
    );
  });

  test('is bounded in length', () => {
    const template = 'a'.repeat(LENGTH_MAX);
    expect(parseJsonPath(template, { lengthMax: LENGTH_MAX })).toHaveLength(1);
    expect(() => parseJsonPath(`${template}a`, { lengthMax: LENGTH_MAX })).toThrow(
      'a jsonpath may have 1000 characters',
    );
  });

  test('fails in no other way, whatever it is and whatever it is used on', () => {
    const part = fc.constantFrom(
      ...['.', '..', '[', ']', '[?(', ')', '*', '@', "'", '"', ',', ':', '-1', '==', '<'],
      ...['a', 'b', '\\', '{', '}', ' ', 'range', 'end', 'true'],
    );
    const finds = (template: string, root: unknown): void => {
      for (const part of parseJsonPath(template, { lengthMax: LENGTH_MAX })) {
        if (part.is !== 'text') findValues(part.steps, root, { visitsMax: VISITS_MAX });
      }
    };
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), fc.jsonValue(), (parts, root) => {
        try {
          finds(`{${parts.join('')}`, root);
        } catch (error) {
          expect(error).toBeInstanceOf(ResourcesError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
