import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../errors.ts';
import { sameJson } from '../store/json.ts';
import { applyPatch } from './apply-patch.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';

const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof StoreError) return error.reason;
    throw error;
  }
  return 'nothing was thrown';
}

describe('merge patch', () => {
  // The cases of RFC 7396, appendix A, by their rule.
  it.each([
    ['replaces a field', { a: 'b' }, { a: 'c' }, { a: 'c' }],
    ['adds a field', { a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    ['removes a field', { a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    ['replaces a list by a value', { a: ['b'] }, { a: 'c' }, { a: 'c' }],
    ['replaces a value by a list', { a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    ['merges objects below', { a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    ['replaces a list whole', { a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    ['replaces a whole list', ['a', 'b'], ['c', 'd'], ['c', 'd']],
    ['replaces an object by a list', { a: 'b' }, ['c'], ['c']],
    ['replaces by null', { a: 'foo' }, null, null],
    ['replaces by a text', { a: 'foo' }, 'bar', 'bar'],
    ['keeps a null that is there', { e: null }, { a: 1 }, { e: null, a: 1 }],
    ['makes an object of a list', [1, 2], { a: 'b', c: null }, { a: 'b' }],
    ['drops nulls from what it adds', {}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%s', (_, document, patch, expected) => {
    expect(mergePatch(document, patch)).toEqual(expected);
  });

  it('changes neither the document nor the patch', () => {
    const document = Object.freeze({ a: Object.freeze({ b: 1 }) });
    const patch = Object.freeze({ a: Object.freeze({ c: 2 }) });
    expect(mergePatch(document, patch)).toEqual({ a: { b: 1, c: 2 } });
  });

  it('applied twice is the same as applied once', () => {
    fc.assert(
      fc.property(json, json, (document, patch) => {
        const once = mergePatch(document, patch);
        expect(sameJson(mergePatch(once, patch), once)).toBe(true);
      }),
    );
  });

  it('T12 refuses to set a prototype', () => {
    const patch: unknown = JSON.parse('{"spec":{"__proto__":{"polluted":true}}}');
    expect(reasonOf(() => mergePatch({ spec: {} }, patch))).toBe('BadRequest');
  });
});

describe('JSON patch', () => {
  it.each([
    ['adds a field', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['adds into a list', { l: [1, 3] }, [{ op: 'add', path: '/l/1', value: 2 }], { l: [1, 2, 3] }],
    ['appends to a list', { l: [1] }, [{ op: 'add', path: '/l/-', value: 2 }], { l: [1, 2] }],
    ['adds null', {}, [{ op: 'add', path: '/a', value: null }], { a: null }],
    ['adds null for no value', {}, [{ op: 'add', path: '/a' }], { a: null }],
    ['replaces with null for no value', { a: 1 }, [{ op: 'replace', path: '/a' }], { a: null }],
    ['tests that a field is not there', {}, [{ op: 'test', path: '/a', value: null }], {}],
    ['tests for null', { a: null }, [{ op: 'test', path: '/a' }], { a: null }],
    ['does nothing when it is null', { a: 1 }, null, { a: 1 }],
    ['replaces the whole', { a: 1 }, [{ op: 'add', path: '', value: { b: 2 } }], { b: 2 }],
    ['removes a field', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
    ['removes from a list', { l: [1, 2] }, [{ op: 'remove', path: '/l/0' }], { l: [2] }],
    ['replaces', { a: 1 }, [{ op: 'replace', path: '/a', value: [] }], { a: [] }],
    ['replaces a field that is not there', {}, [{ op: 'replace', path: '/a', value: 1 }], { a: 1 }],
    [
      'moves',
      { a: { x: 1 }, b: {} },
      [{ op: 'move', from: '/a/x', path: '/b/y' }],
      { a: {}, b: { y: 1 } },
    ],
    [
      'moves in a list',
      { l: [1, 2, 3] },
      [{ op: 'move', from: '/l/0', path: '/l/2' }],
      { l: [2, 3, 1] },
    ],
    [
      'copies',
      { a: { x: 1 } },
      [{ op: 'copy', from: '/a', path: '/b' }],
      { a: { x: 1 }, b: { x: 1 } },
    ],
    [
      'tests',
      { a: { x: [1] } },
      [{ op: 'test', path: '/a', value: { x: [1] } }],
      { a: { x: [1] } },
    ],
    [
      'reads escapes',
      { 'a/b': 1, 'm~n': 2 },
      [
        { op: 'remove', path: '/a~1b' },
        { op: 'remove', path: '/m~0n' },
      ],
      {},
    ],
    ['reads ~01 as ~1', { '~1': 1, x: 2 }, [{ op: 'remove', path: '/~01' }], { x: 2 }],
    ['reads an empty step', { '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
  ])('%s', (_, document, patch, expected) => {
    expect(jsonPatch(document, patch)).toEqual(expected);
  });

  it.each([
    ['a test that fails', [{ op: 'test', path: '/a', value: 2 }]],
    ['a missing field to remove', [{ op: 'remove', path: '/x' }]],
    ['a missing item to replace', [{ op: 'replace', path: '/l/9', value: 1 }]],
    ['a missing parent', [{ op: 'add', path: '/x/y', value: 1 }]],
    ['a missing parent of a replacement', [{ op: 'replace', path: '/x/y', value: 1 }]],
    ['an index beyond the end', [{ op: 'add', path: '/l/3', value: 1 }]],
    ['an index with a leading zero', [{ op: 'replace', path: '/l/01', value: 1 }]],
    ['the end of a list to replace', [{ op: 'replace', path: '/l/-', value: 1 }]],
    ['a missing source', [{ op: 'copy', from: '/x', path: '/y' }]],
    ['a move into itself', [{ op: 'move', from: '/o', path: '/o/x' }]],
    ['a test for null of what is there', [{ op: 'test', path: '/a', value: null }]],
    ['a test for null of a missing item', [{ op: 'test', path: '/l/9', value: null }]],
    ['a test for null in a missing parent', [{ op: 'test', path: '/x/y', value: null }]],
    ['an unknown operation', [{ op: 'merge', path: '/a' }]],
    ['no operation', [{ path: '/a' }]],
    ['no path', [{ op: 'remove' }]],
    ['no source', [{ op: 'move', path: '/a' }]],
    ['a path that is no pointer', [{ op: 'remove', path: 'a' }]],
    ['a source that is no pointer', [{ op: 'copy', from: 'a', path: '/b' }]],
    ['a bad escape', [{ op: 'remove', path: '/a~2' }]],
    ['an inherited field', [{ op: 'test', path: '/toString', value: 1 }]],
    ['T12 a prototype to set', [{ op: 'add', path: '/o/__proto__', value: { polluted: true } }]],
  ])('does not fit with %s', (_, patch) => {
    const document = { a: 1, l: [1, 2], o: {} };
    expect(reasonOf(() => jsonPatch(document, patch))).toBe('Invalid');
    expect(document).toEqual({ a: 1, l: [1, 2], o: {} });
  });

  it.each([
    ['no list', { op: 'add' }],
    ['an operation that is no object', ['add']],
    ['an operation that is no text', [{ op: 3, path: '/a' }]],
    ['a path that is no text', [{ op: 'remove', path: 3 }]],
    ['a source that is no text', [{ op: 'copy', path: '/a', from: 3 }]],
  ])('is a bad request with %s', (_, patch) => {
    expect(reasonOf(() => jsonPatch({ a: 1 }, patch))).toBe('BadRequest');
  });

  it('is too large with more than 10 000 operations', () => {
    const patch = (count: number) =>
      Array.from({ length: count }, () => ({ op: 'test', path: '/a', value: 1 }));
    expect(jsonPatch({ a: 1 }, patch(10_000))).toEqual({ a: 1 });
    expect(reasonOf(() => jsonPatch({ a: 1 }, patch(10_001)))).toBe('RequestEntityTooLarge');
  });

  it('T12 cannot be made to copy a document into itself until memory ends', () => {
    const patch = Array.from({ length: 40 }, (_, index) => ({
      op: 'copy',
      from: '',
      path: `/c${String(index)}`,
    }));
    expect(reasonOf(() => jsonPatch({ text: 'x'.repeat(1000) }, patch))).toBe('Invalid');
  });

  it('is all or none', () => {
    const patch = [
      { op: 'add', path: '/b', value: 1 },
      { op: 'test', path: '/a', value: 'other' },
    ];
    const document = { a: 1 };
    expect(() => jsonPatch(document, patch)).toThrow(StoreError);
    expect(document).toEqual({ a: 1 });
  });
});

describe('applyPatch', () => {
  it('chooses by type', () => {
    const body = [{ op: 'remove', path: '/a' }];
    expect(applyPatch({ a: 1 }, { type: 'json', body })).toEqual({});
    expect(applyPatch({ a: 1 }, { type: 'merge', body })).toEqual(body);
  });
});
