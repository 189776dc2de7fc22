import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../errors.ts';
import { isDeepFrozen } from '../testkit/store/bench.ts';
import { freezeOver, JSON_DEPTH_MAX, mutableCopy, sameJson } from './json.ts';

const json = fc
  .jsonValue({ maxDepth: 4 })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { value };
  return value;
}

describe('mutableCopy', () => {
  it('copies any JSON value and shares nothing with it', () => {
    fc.assert(
      fc.property(json, (value) => {
        const copy = mutableCopy(value);
        expect(copy).toEqual(value);
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it('leaves out fields that are undefined', () => {
    expect(Object.keys(mutableCopy({ a: undefined, b: 1 }))).toEqual(['b']);
  });

  it.each([
    ['a number that is none', { spec: { size: NaN } }, 'spec.size: a number'],
    ['a function', { spec: [() => 1] }, 'spec[0]: a function'],
    ['a bigint', { size: 1n }, 'size: a bigint'],
    ['a date', { at: new Date(0) }, 'at: an instance'],
    ['a hole that is undefined in a list', { list: [1, undefined] }, 'list[1]: a undefined'],
  ])('T12 refuses %s and says where', (_, value, where) => {
    expect(() => mutableCopy(value)).toThrow(StoreError);
    expect(() => mutableCopy(value)).toThrow(where);
  });

  it('T12 refuses the key that would set a prototype', () => {
    const hostile: unknown = JSON.parse('{"spec":{"__proto__":{"polluted":true}}}');
    expect(() => mutableCopy(hostile)).toThrow('spec: the key "__proto__" is not allowed');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('T12 refuses what is nested too deeply, cycles among it', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => mutableCopy(cycle)).toThrow('deeper than 100 levels');
    expect(() => mutableCopy(nested(JSON_DEPTH_MAX + 1))).toThrow(StoreError);
    expect(() => mutableCopy(nested(JSON_DEPTH_MAX))).not.toThrow();
  });
});

describe('freezeOver', () => {
  it('makes an equal value that is frozen to the leaves, without touching the original', () => {
    fc.assert(
      fc.property(json, (value) => {
        const before = JSON.stringify(value);
        const frozen = freezeOver(value, undefined).value;
        expect(frozen).toEqual(value);
        expect(isDeepFrozen(frozen)).toBe(true);
        expect(JSON.stringify(value)).toBe(before);
      }),
    );
  });

  it('gives back the old value itself exactly when the new one is equal', () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        const old = freezeOver(left, undefined).value;
        expect(freezeOver(mutableCopy(left), old).value).toBe(old);
        const next = freezeOver(right, old).value;
        expect(next === old).toBe(sameJson(left, right));
      }),
    );
  });

  it('shares the subtrees that are equal', () => {
    const old = freezeOver({ spec: { a: 1 }, status: { b: [1] } }, undefined).value;
    const next = freezeOver({ spec: { a: 1 }, status: { b: [2] } }, old).value;
    expect(next.spec).toBe(old.spec);
    expect(next.status).not.toBe(old.status);
  });

  it('does not mistake an inherited field for one of the old value', () => {
    const old = freezeOver<Record<string, unknown>>({ a: 1 }, undefined).value;
    const next = freezeOver<Record<string, unknown>>({ a: 1, constructor: 'x' }, old).value;
    expect(Object.keys(next)).toEqual(['a', 'constructor']);
  });

  it('never estimates the size too low', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }), (value) => {
        if (JSON.stringify(value).includes('__proto__')) return;
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(freezeOver(value, undefined).bytesMax).toBeGreaterThanOrEqual(bytes);
      }),
    );
  });
});

describe('sameJson', () => {
  it('ignores the order of fields and fields that are undefined', () => {
    expect(sameJson({ a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1, d: undefined })).toBe(true);
  });

  it.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [null, {}],
    [{ a: undefined }, { toString: 1 }],
  ])('tells %j from %j', (left, right) => {
    expect(sameJson(left, right)).toBe(false);
    expect(sameJson(right, left)).toBe(false);
  });
});
