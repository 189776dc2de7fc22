import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDiff, type PatchOperation } from './json-diff.ts';

/** RFC 6902 as far as a diff uses it; fails where the RFC says that a patch fails. */
function applied(document: unknown, patch: readonly PatchOperation[]): unknown {
  let root = structuredClone(document);
  for (const operation of patch) {
    const steps = operation.path
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop();
    if (last === undefined) {
      root = operation.op === 'remove' ? undefined : operation.value;
      continue;
    }
    let parent = root as Record<string, unknown>;
    for (const step of steps) {
      if (!Object.hasOwn(parent, step)) throw new Error(`nothing at ${operation.path}`);
      parent = parent[step] as Record<string, unknown>;
    }
    change(parent, last, operation);
  }
  return root;
}

function change(
  parent: Record<string, unknown> | unknown[],
  key: string,
  operation: PatchOperation,
): void {
  if (operation.op !== 'add' && !Object.hasOwn(parent, key)) throw new Error('nothing to change');
  if (Array.isArray(parent)) {
    const index = Number(key);
    if (index > parent.length) throw new Error('beyond the end');
    if (operation.op === 'add') parent.splice(index, 0, operation.value);
    else if (operation.op === 'remove') parent.splice(index, 1);
    else parent[index] = operation.value;
  } else if (operation.op === 'remove') {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a map
    delete parent[key];
  } else {
    parent[key] = operation.value;
  }
}

describe('jsonDiff', () => {
  it('leads from any value to any other', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    const key = fc.constantFrom('a', 'b', 'a/b', '~', '~1', '');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(applied(before, jsonDiff(before, after))).toEqual(after);
      }),
    );
  });

  it.each<[string, unknown, unknown, PatchOperation[]]>([
    ['nothing', { a: [1, { b: 'c' }] }, { a: [1, { b: 'c' }] }, []],
    ['a new field', {}, { a: { b: 1 } }, [{ op: 'add', path: '/a', value: { b: 1 } }]],
    [
      'a field deep inside',
      { a: { b: 1 } },
      { a: { b: 2 } },
      [{ op: 'replace', path: '/a/b', value: 2 }],
    ],
    ['a field that is gone', { a: 1 }, {}, [{ op: 'remove', path: '/a' }]],
    ['an undefined field', { a: undefined }, { b: undefined }, []],
    ['a null that is absent', { a: null }, {}, []],
    ['a null that has a value', { a: null }, { a: 1 }, [{ op: 'replace', path: '/a', value: 1 }]],
    ['a key with a slash', {}, { 'a.b/c~d': 1 }, [{ op: 'add', path: '/a.b~1c~0d', value: 1 }]],
    ['another item', [1, 2], [1, 3], [{ op: 'replace', path: '/1', value: 3 }]],
    [
      'a longer list',
      [1],
      [1, 2, 3],
      [
        { op: 'add', path: '/1', value: 2 },
        { op: 'add', path: '/2', value: 3 },
      ],
    ],
    [
      'a shorter list',
      [1, 2, 3],
      [1],
      [
        { op: 'remove', path: '/2' },
        { op: 'remove', path: '/1' },
      ],
    ],
    [
      'a list that becomes an object',
      { a: [] },
      { a: {} },
      [{ op: 'replace', path: '/a', value: {} }],
    ],
  ])('says it in as few words: %s', (_, before, after, patch) => {
    expect(jsonDiff(before, after)).toEqual(patch);
  });
});
