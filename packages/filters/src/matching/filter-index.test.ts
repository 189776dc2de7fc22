import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { compileFilter } from '../compile.ts';
import type { FilterSpec, TriggerFilter } from '../spec.ts';
import { eventWith } from '../testing.ts';
import type { Attributes } from '../testing.ts';
import { FilterIndex } from './filter-index.ts';

function indexOf(filters: Readonly<Record<string, TriggerFilter>>): FilterIndex<string> {
  const index = new FilterIndex<string>();
  for (const [key, filter] of Object.entries(filters)) index.set(key, compileFilter(filter), key);
  return index;
}

function found(index: FilterIndex<string>, attributes: Attributes = {}): string[] {
  const out: string[] = [];
  index.match(eventWith(attributes), out);
  return out.sort();
}

const one = (filter: FilterSpec): TriggerFilter => ({ filters: [filter] });

describe('the index of filters', () => {
  it('finds each kind of filter', () => {
    const index = indexOf({
      everything: {},
      exact: one({ exact: { type: 'com.a.b' } }),
      exactPair: one({ exact: { type: 'com.a.b', source: '/s' } }),
      prefix: one({ prefix: { type: 'com.' } }),
      suffix: one({ suffix: { type: '.b' } }),
      all: one({ all: [{ exact: { source: '/s' } }, { prefix: { type: 'com.' } }] }),
      any: one({ any: [{ exact: { type: 'x' } }, { suffix: { source: 's' } }] }),
      not: one({ not: { exact: { type: 'x' } } }),
      cesql: one({ cesql: "type LIKE 'com.%' AND LENGTH(type) = 7" }),
      attributes: { attributes: { type: 'com.a.b', source: '' } },
      otherType: one({ exact: { type: 'com.a.c' } }),
      missing: one({ exact: { ext: 'x' } }),
      several: { filters: [{ exact: { type: 'com.a.b' } }, { exact: { source: '/other' } }] },
    });
    expect(found(index, { type: 'com.a.b' })).toEqual([
      ...['all', 'any', 'attributes', 'cesql', 'everything', 'exact', 'exactPair', 'not', 'prefix'],
      'suffix',
    ]);
    expect(found(index, { type: 'x', ext: 'x' })).toEqual(['any', 'everything', 'missing']);
    expect(index.size).toBe(13);
  });

  it('appends to what is there, and a value once although several keys lead to it', () => {
    const index = indexOf({
      any: one({
        any: [
          { exact: { type: 't' } },
          { exact: { source: '/s' } },
          { prefix: { source: '/' } },
          { cesql: "id = '1'" },
        ],
      }),
    });
    const out = ['before'];
    index.match(eventWith(), out);
    index.match(eventWith(), out);
    expect(out).toEqual(['before', 'any', 'any']);
  });

  it('keeps triggers with equal filters together and apart', () => {
    const index = indexOf({
      a: one({ exact: { type: 't', source: '/s' } }),
      b: one({ exact: { source: '/s', type: 't' } }),
      c: { attributes: { type: 't', source: '/s' } },
      d: one({ all: [{ exact: { type: 't', source: '/s' } }, { exact: { type: 't' } }] }),
    });
    expect(index.describe().filters).toBe(2);
    expect(found(index)).toEqual(['a', 'b', 'c', 'd']);
    expect(index.delete('a')).toBe(true);
    expect(index.delete('a')).toBe(false);
    expect(found(index)).toEqual(['b', 'c', 'd']);
  });

  it('replaces the filter and the value of a key', () => {
    const index = new FilterIndex<number>();
    const filter = compileFilter(one({ exact: { type: 't' } }));
    const out: number[] = [];
    index.set('k', filter, 1);
    index.set('k', filter, 2);
    index.match(eventWith(), out);
    index.set('k', compileFilter(one({ exact: { type: 'u' } })), 3);
    index.match(eventWith(), out);
    index.match(eventWith({ type: 'u' }), out);
    expect(out).toEqual([2, 3]);
    expect(index.size).toBe(1);
  });

  it('is empty again when everything is deleted', () => {
    const filters = {
      scan: one({ not: { exact: { type: 't' } } }),
      exact: one({ exact: { type: 't' } }),
      prefix: one({ prefix: { ext: 'abc' } }),
      longer: one({ prefix: { ext: 'abcd' } }),
      suffix: one({ suffix: { ext: 'abc' } }),
      present: one({ cesql: 'other > 5' }),
      alias: one({ exact: { datamediatype: 'a/b' } }),
      any: one({ any: [{ exact: { type: 't' } }, { exact: { source: '/s' } }] }),
    };
    const index = indexOf(filters);
    expect(index.describe()).toEqual({
      filters: 8,
      scanned: 1,
      attributes: ['type', 'ext', 'other', 'datamediatype', 'source'],
    });
    for (const key of Object.keys(filters)) index.delete(key);
    expect(index.describe()).toEqual({ filters: 0, scanned: 0, attributes: [] });
    expect(found(index)).toEqual([]);
  });

  it('finds a filter by the part that narrows most', () => {
    const index = new FilterIndex<number>();
    for (let n = 0; n < 100; n += 1) {
      const exact = { specversion: '1.0', type: 'same', subject: `s-${String(n)}` };
      index.set(String(n), compileFilter(one({ exact })), n);
    }
    expect(index.describe().attributes).not.toContain('specversion');
    const out: number[] = [];
    index.match(eventWith({ type: 'same', subject: 's-7' }), out);
    expect(out).toEqual([7]);
  });

  it('reads only what the event has when very many attributes are in use', () => {
    const index = new FilterIndex<number>();
    for (let n = 0; n < 1000; n += 1) {
      const exact = { [`ext${String(n)}`]: 'x' };
      index.set(String(n), compileFilter(one({ exact })), n);
    }
    index.set('alias', compileFilter(one({ exact: { datamediatype: 'a/b' } })), -1);
    const out: number[] = [];
    const attributes = { ext5: 'x', ext6: 'y', datacontenttype: 'a/b; c=d' };
    index.match(eventWith(attributes), out);
    expect(out.sort()).toEqual([-1, 5]);
  });

  it('tests each event only against filters that cannot be looked up', () => {
    const index = indexOf({
      equality: one({ cesql: "type = 'a' AND ext = 'b'" }),
      necessary: one({ cesql: "LENGTH(type) > 3 AND source = '/x'" }),
      optional: one({ cesql: 'priority > 3' }),
      oneSide: one({ all: [{ not: { exact: { type: 'a' } } }, { exact: { source: '/x' } }] }),
      union: one({ any: [{ exact: { type: 'a' } }, { cesql: "source LIKE '/x%'" }] }),
      anyValue: { attributes: { subject: '' } },
    });
    expect(index.describe().scanned).toBe(0);
    const scanned = indexOf({
      everything: {},
      negation: one({ not: { exact: { type: 'a' } } }),
      function: one({ cesql: "LOWER(type) = 'a'" }),
      openUnion: one({ any: [{ exact: { type: 'a' } }, { not: { exact: { type: 'b' } } }] }),
      required: { attributes: { type: '' } },
    });
    expect(scanned.describe().scanned).toBe(5);
  });
});

const value = fc.constantFrom('a', 'b', 'ab', 'ba', 'abc', '10', '010');
const pairs = fc.dictionary(fc.constantFrom('type', 'source', 'subject', 'x', 'y'), value, {
  minKeys: 1,
  maxKeys: 2,
});
const cesql = fc.oneof(
  fc.tuple(fc.constantFrom('type', 'x', 'y'), value).map(([name, text]) => `${name} = '${text}'`),
  fc.tuple(fc.constantFrom('type', 'x'), value).map(([name, text]) => `${name} LIKE '${text}%'`),
  fc
    .tuple(fc.constantFrom('type', 'x'), value)
    .map(([name, text]) => `${name} IN ('b', '${text}')`),
  fc.constantFrom('x = 10', 'x > 9', 'EXISTS y', "NOT (x = 'a')", 'x', 'LENGTH(type) = 2'),
);
const cesqlText = fc.oneof(
  cesql,
  fc
    .tuple(cesql, fc.constantFrom('AND', 'OR', 'XOR'), cesql)
    .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
);
const { spec } = fc.letrec<{ spec: FilterSpec }>((tie) => ({
  spec: fc.oneof(
    { maxDepth: 3 },
    pairs.map((exact) => ({ exact })),
    pairs.map((prefix) => ({ prefix })),
    pairs.map((suffix) => ({ suffix })),
    cesqlText.map((text) => ({ cesql: text })),
    fc.array(tie('spec'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('spec'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('spec').map((not) => ({ not })),
  ),
}));
const triggerFilter: fc.Arbitrary<TriggerFilter> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(spec, { minLength: 1, maxLength: 3 }).map((filters) => ({ filters })),
  },
  {
    weight: 1,
    arbitrary: fc
      .dictionary(fc.constantFrom('type', 'subject', 'x'), fc.oneof(value, fc.constant('')))
      .map((attributes) => ({ attributes })),
  },
);
const extension = fc.oneof(value, fc.constantFrom('', 10, true));
const eventAttributes = fc.record(
  { type: value, source: value, subject: value, x: extension, y: extension },
  { requiredKeys: ['type', 'source'] },
) as fc.Arbitrary<Attributes>;

type Step =
  | { readonly kind: 'set'; readonly key: string; readonly filter: TriggerFilter }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'match'; readonly attributes: Attributes };

const key = fc.constantFrom(...Array.from({ length: 12 }, (_, n) => `k${String(n)}`));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set'), key, filter: triggerFilter }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete'), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('match'), attributes: eventAttributes }) },
);

describe('any set of triggers, however it came about', () => {
  test.prop([fc.array(step, { maxLength: 60 }), fc.array(eventAttributes, { maxLength: 5 })], {
    numRuns: 300,
  })('matches what each filter says on its own', (steps, last) => {
    const index = new FilterIndex<string>();
    const naive = new Map<string, ReturnType<typeof compileFilter>>();
    const check = (attributes: Attributes): void => {
      const event = eventWith(attributes);
      const expected = [...naive].filter(([, filter]) => filter.matches(event));
      expect(found(index, attributes)).toEqual(expected.map(([name]) => name).sort());
      for (const [name, filter] of naive) {
        const { matched } = filter.explain(event);
        expect({ name, matched }).toEqual({ name, matched: filter.matches(event) });
      }
    };
    for (const action of steps) {
      if (action.kind === 'match') check(action.attributes);
      else if (action.kind === 'delete') {
        expect(index.delete(action.key)).toBe(naive.delete(action.key));
      } else {
        const filter = compileFilter(action.filter);
        index.set(action.key, filter, action.key);
        naive.set(action.key, filter);
      }
      expect(index.size).toBe(naive.size);
    }
    for (const attributes of last) check(attributes);
    for (const name of naive.keys()) index.delete(name);
    expect(index.describe()).toEqual({ filters: 0, scanned: 0, attributes: [] });
  });
});
