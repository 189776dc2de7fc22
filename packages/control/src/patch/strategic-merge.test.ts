import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { StoreError } from '../errors.ts';
import { sameJson } from '../store/json.ts';
import type { MergeSchema } from '../store/resource-store.ts';
import { strategicMergePatch } from './strategic-merge.ts';
import { refusal } from './testing/writers.ts';

const SCHEMA: MergeSchema = {
  properties: {
    items: {
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
      items: {
        properties: {
          env: { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'name' },
        },
      },
    },
    keyed: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id', 'other'] },
    values: { 'x-kubernetes-patch-strategy': 'merge' },
    kept: { 'x-kubernetes-patch-strategy': 'replace' },
    plain: {},
  },
};

function patched(document: object, patch: unknown): unknown {
  return strategicMergePatch({ metadata: { name: 'x' }, ...document }, patch, SCHEMA);
}

function refused(document: object, patch: unknown): StoreError {
  return refusal(() => patched(document, patch));
}

const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

describe('strategic merge patch', () => {
  it.each([
    ['replaces a value', { plain: 1 }, { plain: 2 }, { plain: 2 }],
    ['removes with null', { plain: 1 }, { plain: null }, {}],
    ['ignores nulls in what it adds', {}, { plain: { a: null, b: 1 } }, { plain: { b: 1 } }],
    ['merges objects', { plain: { a: 1 } }, { plain: { b: 2 } }, { plain: { a: 1, b: 2 } }],
    [
      'replaces objects of that strategy',
      { kept: { a: 1 } },
      { kept: { b: 2 } },
      { kept: { b: 2 } },
    ],
    ['replaces plain lists', { plain: [1, 2] }, { plain: [3] }, { plain: [3] }],
    ['replaces a list by a value', { plain: [1] }, { plain: 'x' }, { plain: 'x' }],
    [
      'merges items by key',
      { items: [{ name: 'a', x: 1 }, { name: 'b' }] },
      { items: [{ name: 'a', y: 2 }] },
      { items: [{ name: 'a', x: 1, y: 2 }, { name: 'b' }] },
    ],
    ['adds items', { items: named('a') }, { items: named('b') }, { items: named('b', 'a') }],
    [
      'merges lists in items',
      { items: [{ name: 'a', env: named('1', '2') }] },
      { items: [{ name: 'a', env: [{ name: '1', $patch: 'delete' }, { name: '3' }] }] },
      { items: [{ name: 'a', env: named('3', '2') }] },
    ],
    [
      'deletes an item',
      { items: named('a', 'b') },
      { items: [{ name: 'a', $patch: 'delete' }] },
      { items: named('b') },
    ],
    [
      'replaces all items',
      { items: named('a', 'b') },
      { items: [{ $patch: 'replace' }, { name: 'c' }] },
      { items: named('c') },
    ],
    [
      'adds no item that only deletes',
      {},
      { items: [{ name: 'a', $patch: 'delete' }, { name: 'b' }] },
      { items: named('b') },
    ],
    [
      'merges a list that is a map by its first key',
      { keyed: [{ id: 1, v: 1 }] },
      { keyed: [{ id: 1, w: 2 }] },
      { keyed: [{ id: 1, v: 1, w: 2 }] },
    ],
    ['merges values', { values: ['a', 'b'] }, { values: ['c', 'a'] }, { values: ['c', 'a', 'b'] }],
    [
      'deletes values',
      { values: ['a', 'b', 'c'] },
      { '$deleteFromPrimitiveList/values': ['b', 'x'] },
      { values: ['a', 'c'] },
    ],
    ['deletes values from nothing', {}, { '$deleteFromPrimitiveList/values': ['b'] }, {}],
    [
      'deletes and adds values',
      { values: ['a', 'b'] },
      { '$deleteFromPrimitiveList/values': ['a'], values: ['c'] },
      { values: ['c', 'b'] },
    ],
    [
      'orders items',
      { items: named('a', 'b', 'c') },
      { '$setElementOrder/items': named('c', 'a', 'b') },
      { items: named('c', 'a', 'b') },
    ],
    [
      'keeps items that the order does not name before what they stood before',
      { items: named('a', 's', 'b') },
      { '$setElementOrder/items': named('b', 'n', 'a'), items: named('n') },
      { items: named('s', 'b', 'n', 'a') },
    ],
    [
      'orders values',
      { values: ['a', 'b', 'c'] },
      { '$setElementOrder/values': ['c', 'b', 'a'] },
      { values: ['c', 'b', 'a'] },
    ],
    ['orders nothing', {}, { '$setElementOrder/values': ['c'] }, {}],
    [
      'retains the keys it names',
      { plain: { a: 1, b: 2, c: 3 } },
      { plain: { $retainKeys: ['a', 'd'], d: 4 } },
      { plain: { a: 1, d: 4 } },
    ],
    [
      'replaces an object',
      { plain: { a: 1, deep: { x: 1 } } },
      { plain: { $patch: 'replace', b: 2 } },
      { plain: { b: 2 } },
    ],
    ['empties an object', { plain: { a: 1 } }, { plain: { $patch: 'delete' } }, { plain: {} }],
    ['adds no object that only deletes', {}, { plain: { $patch: 'delete' } }, {}],
  ])('%s', (_, document, patch, expected) => {
    expect(patched(document, patch)).toEqual({ metadata: { name: 'x' }, ...expected });
  });

  it('merges finalizers as a set and owners by uid, whatever the kind', () => {
    const owner = { apiVersion: 'v1', kind: 'K', name: 'a', uid: 'u' };
    const document = { metadata: { finalizers: ['a/b'], ownerReferences: [owner] } };
    const patch = {
      metadata: { finalizers: ['c/d'], ownerReferences: [{ uid: 'u', controller: true }] },
    };
    expect(strategicMergePatch(document, patch, undefined)).toEqual({
      metadata: {
        finalizers: ['c/d', 'a/b'],
        ownerReferences: [{ ...owner, controller: true }],
      },
    });
  });

  it('replaces the whole object', () => {
    expect(patched({ plain: 1 }, { $patch: 'replace', plain: 2 })).toEqual({ plain: 2 });
  });

  // The words are those of kube-apiserver 1.33, which calls most of these a failure of its own (500).
  it.each([
    ['a patch that is no object', [], 'invalid JSON document'],
    ['an unknown directive', { $patch: 'eat' }, 'unknown patch type: eat in map: {}'],
    [
      'merge as a directive',
      { plain: { $patch: 'merge' } },
      'unknown patch type: merge in map: {}',
    ],
    [
      'an item without its key',
      { items: [{ x: 1 }] },
      'map: {"x":1} does not contain declared merge key: name',
    ],
    [
      'merge as a directive of an item',
      { items: [{ name: 'a', $patch: 'merge' }] },
      'merging lists cannot yet be specified in the patch',
    ],
    [
      'an unknown directive of an item',
      { items: [{ $patch: 'eat' }] },
      'unknown patch type: eat in map: {"$patch":"eat"}',
    ],
    [
      'items of two types',
      { items: ['x'] },
      'list element types are not identical: [{"name":"a"},"x"]',
    ],
    ['lists of lists', { items: [['x']] }, 'lists of lists are not supported'],
    [
      'keys to retain that are no list',
      { plain: { $retainKeys: 'a' } },
      'invalid patch format of retainKeys',
    ],
    [
      'a field that is not retained',
      { plain: { $retainKeys: ['a'], b: 1 } },
      'invalid patch format of retainKeys',
    ],
    [
      'a deletion without a field',
      { $deleteFromPrimitiveList: ['x'] },
      'invalid patch format of primitive list',
    ],
    [
      'a deletion that is no list',
      { '$deleteFromPrimitiveList/values': 'x' },
      'invalid patch format of primitive list',
    ],
    [
      'an order without a field',
      { $setElementOrder: [] },
      'invalid patch format of setElementOrder list',
    ],
    [
      'an order that is no list',
      { '$setElementOrder/items': 'x' },
      'expected a list, but received a string',
    ],
    [
      'an item that the order does not name',
      { '$setElementOrder/values': ['c'], values: ['b'] },
      'The order in patch list:\n["b"]\n doesn\'t match $setElementOrder list:\n["c"]\n',
    ],
  ])('refuses %s', (_, patch, message) => {
    const document = { items: named('a'), plain: { a: 1 }, values: ['b', 'c'] };
    expect(refused(document, patch)).toMatchObject({ message, status: 400, reason: 'BadRequest' });
  });

  it.each([
    ['an order of the prototype', { '$setElementOrder/__proto__': ['a'] }],
    ['a deletion from the prototype', { '$deleteFromPrimitiveList/__proto__': ['a'] }],
    ['a deletion from something inherited', { '$deleteFromPrimitiveList/constructor': ['a'] }],
  ])('T12 does nothing for %s', (_, patch) => {
    expect(patched({ plain: 1 }, patch)).toEqual({ metadata: { name: 'x' }, plain: 1 });
  });

  it('T12 refuses to set a prototype', () => {
    const patch: unknown = JSON.parse('{"plain":{"__proto__":{"polluted":true}}}');
    expect(refused({ plain: {} }, patch).reason).toBe('BadRequest');
  });

  it('applied twice is the same as applied once, and changes neither side', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const items = fc.uniqueArray(fc.record({ name, x: fc.nat(3) }), {
      selector: (item) => item.name,
    });
    const document = fc.record({
      items,
      values: fc.uniqueArray(name),
      plain: fc.jsonValue({ maxDepth: 2 }),
    });
    // Nulls mean one thing in a list that is added, another in one that is replaced.
    const clean = document.filter((value) => !/__proto__|\$|null/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(clean, clean, (before, patch) => {
        const copies = structuredClone([before, patch]);
        const once = patched(before, patch);
        expect([before, patch]).toEqual(copies);
        expect(sameJson(strategicMergePatch(once, patch, SCHEMA), once)).toBe(true);
      }),
    );
  });
});
