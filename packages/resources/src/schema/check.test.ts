import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkSchema } from './check.ts';
import { MISSING_HINTS } from './hints.ts';
import { DECODE_DEPTH_MAX, DECODE_VALUES_MAX } from './plain-copy.ts';

const SCHEMA = z.strictObject({
  name: z.string(),
  count: z.int().min(1).max(9).exactOptional(),
  color: z.enum(['red', 'green']).exactOptional(),
  port: z.union([z.int(), z.string()]).exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  list: z.array(z.strictObject({ on: z.boolean().exactOptional() })).exactOptional(),
  free: z.record(z.string(), z.unknown()).exactOptional(),
  target: z
    .strictObject({ ref: z.string().exactOptional() })
    .register(MISSING_HINTS, { message: 'nowhere to go', fields: ['ref'], details: 'really' })
    .prefault({}),
});

function problems(value: unknown): string {
  return checkSchema(SCHEMA, value).errors.toString();
}

describe('messages', () => {
  test.each([
    [{}, 'missing field(s): name'],
    [{ name: 1 }, 'expected a string, found the number 1: name'],
    [{ name: ['a'] }, 'expected a string, found a list: name'],
    [{ name: {} }, 'expected a string, found an object: name'],
    [{ name: 'a', count: 1.5 }, 'expected an integer, found the number 1.5: count'],
    [{ name: 'a', count: '1' }, 'expected a number, found the string "1": count'],
    [{ name: 'a', count: 0 }, 'invalid value: 0: count\nexpected a number of at least 1'],
    [{ name: 'a', count: 10 }, 'invalid value: 10: count\nexpected a number of at most 9'],
    [{ name: 'a', color: 'blue' }, 'invalid value: blue: color\nexpected "red" or "green"'],
    [{ name: 'a', port: true }, 'expected a number or a string, found the boolean true: port'],
    [{ name: 'a', tags: { 'x.y/z': 1 } }, 'expected a string, found the number 1: tags[x.y/z]'],
    [{ name: 'a', tags: [] }, 'expected a map, found a list: tags'],
    [{ name: 'a', list: {} }, 'expected a list, found an object: list'],
    [
      { name: 'a', list: [{ on: 'yes' }] },
      'expected true or false, found the string "yes": list[0].on',
    ],
    [{ name: 'a', colour: 'red' }, 'unknown field "colour", did you mean "color"?: colour'],
    [{ name: 'a', list: [{}, { zzz: 1 }] }, 'unknown field "zzz", expected "on": list[1].zzz'],
  ])('%j', (value, expected) => {
    expect(problems(value)).toBe(expected);
  });

  test('all problems are found in one pass', () => {
    const { errors } = checkSchema(SCHEMA, {
      count: 'x',
      tags: { a: 1 },
      list: [{ onn: true }],
      other: 1,
    });
    expect(errors.entries().flatMap(({ paths }) => paths)).toEqual([
      'count',
      'tags[a]',
      'name',
      'list[0].onn',
      'other',
    ]);
  });

  test('a missing field is reported in the words of its hint', () => {
    const schema = z.strictObject({ to: SCHEMA.shape.target.def.innerType });
    expect(checkSchema(schema, {}).errors.toString()).toBe('nowhere to go: to.ref\nreally');
  });

  test('T30 values are not shown where they may be secret', () => {
    const value = { name: 4711, color: 'hunter2', port: ['hunter2'] };
    const text = checkSchema(SCHEMA, value, { mayShowValues: false }).errors.toString();
    expect(text).toContain('expected a string, found a number: name');
    expect(text).not.toMatch(/4711|hunter2/);
  });
});

describe('null', () => {
  test('means that a field is absent', () => {
    expect(checkSchema(SCHEMA, { name: 'a', count: null, list: null }).value).toEqual({
      name: 'a',
      target: {},
    });
    expect(problems({ name: null })).toBe('missing field(s): name');
  });

  test('is a value in a map and in a list', () => {
    expect(problems({ name: 'a', tags: { x: null } })).toBe(
      'expected a string, found null: tags[x]',
    );
    expect(problems({ name: 'a', list: [null] })).toBe('expected an object, found null: list[0]');
  });

  test('is kept in free-form parts', () => {
    const value = { name: 'a', free: { x: null, y: { z: null } } };
    expect(checkSchema(SCHEMA, value).value?.free).toEqual({ x: null, y: { z: null } });
  });
});

describe('the copy', () => {
  test('shares nothing with the input, and leaves it alone', () => {
    const value = { name: 'a', free: { deep: [1] }, count: null };
    const checked = checkSchema(SCHEMA, value).value;
    expect(checked?.free).toEqual(value.free);
    expect(checked?.free?.['deep']).not.toBe(value.free.deep);
    expect(value).toEqual({ name: 'a', free: { deep: [1] }, count: null });
  });

  test('has no fields that are undefined', () => {
    const { value } = checkSchema(SCHEMA, { name: 'a', count: undefined, tags: { x: undefined } });
    expect(Object.keys(value ?? {})).toEqual(['name', 'tags', 'target']);
    expect(Object.keys(value?.tags ?? {})).toEqual([]);
  });

  test('takes objects without a prototype, as parsers make them', () => {
    const value = Object.assign(Object.create(null) as object, { name: 'a' });
    expect(checkSchema(SCHEMA, value).errors.isEmpty).toBe(true);
  });
});

describe('T12 hostile input', () => {
  test('__proto__ is an unknown field, not a prototype', () => {
    const value: unknown = JSON.parse('{"name":"a","__proto__":{"x":1},"tags":{"__proto__":"y"}}');
    expect(problems(value)).toBe('unknown field "__proto__": __proto__, tags[__proto__]');
  });

  test('other names of Object.prototype are ordinary keys', () => {
    const tags = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' };
    expect(checkSchema(SCHEMA, { name: 'a', tags }).value?.tags).toEqual(tags);
    expect(problems({ name: 'a', constructor: 1 })).toContain('unknown field "constructor"');
  });

  test('a cyclic value ends at the depth limit', () => {
    const cycle: Record<string, unknown> = {};
    cycle['free'] = cycle;
    expect(problems({ name: 'a', free: cycle })).toMatch(
      `nested deeper than ${String(DECODE_DEPTH_MAX)} levels: free`,
    );
  });

  test('a deep value within the limit is read', () => {
    let free: object = {};
    for (let depth = 2; depth < DECODE_DEPTH_MAX; depth++) free = { x: free };
    expect(problems({ name: 'a', free })).toBe('');
    expect(problems({ name: 'a', free: { x: { y: free } } })).toContain('nested deeper');
  });

  test('an endless list ends at the limit of values', () => {
    const free = { list: new Array(DECODE_VALUES_MAX).fill(0) };
    expect(problems({ name: 'a', free })).toContain(
      `more than ${String(DECODE_VALUES_MAX)} values in one object`,
    );
  });

  test.each([
    [Number.NaN, 'expected a finite number, found the number NaN'],
    [1n, 'expected a JSON value, found a bigint'],
    [() => 1, 'expected a JSON value, found a function'],
    [new Date(0), 'expected a JSON value, found an object'],
    [new Map(), 'expected a JSON value, found an object'],
  ])('%s is no JSON', (x, message) => {
    expect(problems({ name: 'a', free: { x } })).toBe(`${message}: free[x]`);
  });

  test('what is no JSON is reported once, beside the other problems', () => {
    expect(problems({ name: new Date(0), count: 0 })).toBe(
      'expected a JSON value, found an object: name\ninvalid value: 0: count\nexpected a number of at least 1',
    );
  });

  test.each([null, 'text', 5, undefined])('%s is no object', (value) => {
    expect(checkSchema(SCHEMA, value).errors.toString()).toContain('expected an object, found');
  });
});
