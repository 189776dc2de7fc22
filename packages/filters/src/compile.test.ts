import type { CloudEvent } from '@afflux/events';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { FILTER_DEPTH_MAX, FILTER_PARTS_MAX, PROBLEMS_MAX } from './build.ts';
import { compileFilter, filterWarnings, validateFilter } from './compile.ts';
import { FilterInvalidError, FiltersError } from './errors.ts';
import type { FilterSpec, TriggerFilter } from './spec.ts';
import { eventWith } from './testing.ts';

const event = eventWith({
  type: 'com.example.order.created',
  source: '/shop/berlin',
  subject: 'o-1',
  datacontenttype: 'Application/JSON; charset=utf-8',
  dataschema: 'https://example.com/s',
  time: '2024-01-02T03:04:05.60+01:00',
  priority: 5,
  urgent: true,
  digest: new Uint8Array([1, 2, 3]),
  region: '',
});

function passes(filter: TriggerFilter, subject: CloudEvent = event): boolean {
  return compileFilter(filter).matches(subject);
}

const one = (filter: FilterSpec): TriggerFilter => ({ filters: [filter] });

describe('the dialects', () => {
  it.each<readonly [FilterSpec, boolean]>([
    [{ exact: { type: 'com.example.order.created' } }, true],
    [{ exact: { type: 'com.example.order' } }, false],
    [{ exact: { type: 'COM.EXAMPLE.ORDER.CREATED' } }, false],
    [{ exact: { type: 'com.example.order.created', subject: 'o-1' } }, true],
    [{ exact: { type: 'com.example.order.created', subject: 'o-2' } }, false],
    [{ exact: { missing: 'x' } }, false],
    [{ exact: { priority: '5' } }, true],
    [{ exact: { priority: '05' } }, false],
    [{ exact: { urgent: 'true' } }, true],
    [{ exact: { urgent: 'TRUE' } }, false],
    [{ exact: { digest: 'AQID' } }, true],
    [{ exact: { time: '2024-01-02T03:04:05.60+01:00' } }, true],
    [{ exact: { time: '2024-01-02T02:04:05.6Z' } }, false],
    [{ exact: { specversion: '1.0' } }, true],
    [{ exact: { constructor: 'x' } }, false],
    [{ prefix: { type: 'com.example.' } }, true],
    [{ prefix: { type: 'com.example.', source: '/shop' } }, true],
    [{ prefix: { type: 'com.example.', source: '/house' } }, false],
    [{ prefix: { missing: 'x' } }, false],
    [{ prefix: { priority: '5' } }, true],
    [{ suffix: { type: '.created' } }, true],
    [{ suffix: { type: '.created', source: 'munich' } }, false],
    [{ suffix: { missing: 'x' } }, false],
    [{ all: [{ prefix: { type: 'com.' } }, { suffix: { type: 'ed' } }] }, true],
    [{ all: [{ prefix: { type: 'com.' } }, { suffix: { type: 'x' } }] }, false],
    [{ any: [{ prefix: { type: 'org.' } }, { suffix: { type: 'ed' } }] }, true],
    [{ any: [{ prefix: { type: 'org.' } }, { exact: { missing: 'x' } }] }, false],
    [{ not: { exact: { subject: 'o-1' } } }, false],
    [{ not: { exact: { subject: 'o-2' } } }, true],
    [{ not: { exact: { missing: 'x' } } }, true],
    [{ not: { not: { exact: { subject: 'o-1' } } } }, true],
    [{ cesql: "type LIKE '%.created' AND priority > 4" }, true],
    [{ cesql: 'priority > 5' }, false],
    [{ cesql: "missing = 'x' OR TRUE" }, false],
    [{ not: { cesql: "missing = 'x'" } }, true],
    [{ cesql: 'urgent' }, true],
    [{ cesql: 'subject' }, false],
    [{ cesql: 'priority' }, false],
  ])('%j → %j', (filter, expected) => {
    expect(passes(one(filter))).toBe(expected);
  });

  it('all top-level filters must match', () => {
    const type = { prefix: { type: 'com.' } };
    expect(passes({ filters: [type, { exact: { subject: 'o-1' } }] })).toBe(true);
    expect(passes({ filters: [type, { exact: { subject: 'o-2' } }] })).toBe(false);
  });

  it('filters win over attributes, unless there are none', () => {
    const attributes = { type: 'other' };
    expect(passes({ attributes, filters: [{ prefix: { type: 'com.' } }] })).toBe(true);
    expect(passes({ attributes, filters: [] })).toBe(false);
  });

  it('a filter without anything passes every event', () => {
    for (const filter of [{}, { filters: [] }, { attributes: {} }]) {
      expect(passes(filter)).toBe(true);
    }
  });

  it('an empty dialect beside another counts as absent', () => {
    expect(passes(one({ exact: { subject: 'o-1' }, prefix: {}, any: [], cesql: '' }))).toBe(true);
    expect(passes(one({ exact: { subject: 'o-2' }, prefix: {}, any: [], cesql: '' }))).toBe(false);
  });
});

describe('names that the dialects know besides attributes', () => {
  const old = eventWith({ specversion: '0.3', schemaurl: '/schema' });

  it.each([
    ['datamediatype is the content type without parameters', { datamediatype: 'application/json' }],
    [
      'datacontenttype is the text as it came',
      { datacontenttype: 'Application/JSON; charset=utf-8' },
    ],
    ['schemaurl is dataschema', { schemaurl: 'https://example.com/s' }],
    ['dataschema', { dataschema: 'https://example.com/s' }],
  ])('%s', (_what, attributes) => {
    expect(passes({ attributes })).toBe(true);
    expect(passes(one({ exact: attributes }))).toBe(true);
    expect(passes({ attributes }, eventWith())).toBe(false);
  });

  it('finds the schema of a 0.3 event by both names', () => {
    expect(passes({ attributes: { dataschema: '/schema', schemaurl: '/schema' } }, old)).toBe(true);
  });

  it('CESQL knows attributes only', () => {
    expect(passes(one({ cesql: 'EXISTS datamediatype OR EXISTS schemaurl' }))).toBe(false);
  });
});

describe('the old filter.attributes', () => {
  it.each<readonly [string, Record<string, string>, boolean]>([
    ['all values equal', { type: 'com.example.order.created', source: '/shop/berlin' }, true],
    ['one value differs', { type: 'com.example.order.created', source: '/shop' }, false],
    ['an empty value stands for any', { type: '', source: '', subject: '' }, true],
    ['also of an extension', { priority: '' }, true],
    ['but the attribute must be there', { missing: '' }, false],
    ['and must not be empty', { region: '' }, false],
    ['the text of an integer', { priority: '5' }, true],
    ['an attribute that is absent', { missing: 'x' }, false],
  ])('%s', (_rule, attributes, expected) => {
    expect(passes({ attributes })).toBe(expected);
  });

  it('an unset optional attribute is not "any value"', () => {
    for (const name of ['subject', 'time', 'dataschema', 'datacontenttype', 'datamediatype']) {
      expect(passes({ attributes: { [name]: '' } }, eventWith())).toBe(false);
    }
  });
});

describe('what is refused, and where', () => {
  const nested = (depth: number): FilterSpec =>
    depth === 0 ? { exact: { type: 'a' } } : { not: nested(depth - 1) };

  it.each<readonly [string, unknown, { path: string; message: string }[]]>([
    [
      'an empty filter',
      { filters: [{}] },
      [{ path: 'filters[0]', message: 'expected exactly one, got neither' }],
    ],
    [
      'dialects with nothing in them',
      { filters: [{ exact: {} }, { any: [] }, { cesql: '' }, { not: {} }] },
      [0, 1, 2]
        .map((at) => `filters[${String(at)}]`)
        .concat('filters[3].not')
        .map((path) => ({ path, message: 'expected exactly one, got neither' })),
    ],
    [
      'several dialects',
      { filters: [{ all: [{ exact: { type: 'a' }, cesql: 'TRUE' }] }] },
      [
        {
          path: 'filters[0].all[0]',
          message: 'multiple dialects found, filters can have only one dialect set',
        },
      ],
    ],
    [
      'empty values',
      { filters: [{ exact: { type: '' } }, { not: { prefix: { a: '' } } }, { suffix: { b: '' } }] },
      [
        { path: 'filters[0].exact[type]', message: 'invalid value: ' },
        { path: 'filters[1].not.prefix[a]', message: 'invalid value: ' },
        { path: 'filters[2].suffix[b]', message: 'invalid value: ' },
      ],
    ],
    [
      'attribute names',
      { attributes: { 'a-b': 'x', '1a': '' }, filters: [{ suffix: { Type: 'x' } }] },
      [
        { path: 'filter.attributes[a-b]', message: 'invalid key name "a-b"' },
        { path: 'filter.attributes[1a]', message: 'invalid key name "1a"' },
        { path: 'filters[0].suffix[Type]', message: 'invalid key name "Type"' },
      ],
    ],
    [
      'CESQL that does not parse',
      { filters: [{ any: [{ cesql: 'type =' }] }] },
      [{ path: 'filters[0].any[0].cesql', message: 'invalid value: type =' }],
    ],
    [
      'an unknown dialect',
      { filters: [{ sql: 'TRUE' }] },
      [
        { path: 'filters[0].sql', message: 'unknown dialect "sql"' },
        { path: 'filters[0]', message: 'expected exactly one, got neither' },
      ],
    ],
    [
      'wrong types',
      {
        attributes: [],
        filters: [5, { exact: { type: 5 } }, { all: {} }, { any: 'x' }, { cesql: 1 }],
      },
      [
        { path: 'filter.attributes', message: 'invalid value: [...]' },
        { path: 'filters[0]', message: 'invalid value: 5' },
        { path: 'filters[1].exact[type]', message: 'invalid value: 5' },
        { path: 'filters[2]', message: 'expected exactly one, got neither' },
        { path: 'filters[3].any', message: 'invalid value: x' },
        { path: 'filters[4].cesql', message: 'invalid value: 1' },
      ],
    ],
    [
      'filters that are no list',
      { filters: { exact: {} } },
      [{ path: 'filters', message: 'invalid value: {...}' }],
    ],
    ['no filter at all', null, [{ path: 'filter', message: 'invalid value: null' }]],
    [
      'nesting',
      { filters: [nested(FILTER_DEPTH_MAX)] },
      [
        {
          path: `filters[0]${'.not'.repeat(FILTER_DEPTH_MAX)}.exact`,
          message: 'filters are nested deeper than 32',
        },
      ],
    ],
  ])('%s', (_what, filter, problems) => {
    const found = validateFilter(filter as TriggerFilter);
    expect(found).toEqual(problems.map((problem) => expect.objectContaining(problem) as unknown));
  });

  it('takes the deepest nesting', () => {
    expect(validateFilter(one(nested(FILTER_DEPTH_MAX - 1)))).toEqual([]);
  });

  it('says where in an expression', () => {
    expect(validateFilter(one({ cesql: "type = 't'\n  AND" }))[0]).toMatchObject({
      details: 'line 2, column 6: expected a value and found the end of the expression',
      line: 2,
      column: 6,
    });
  });

  it('compileFilter throws what validateFilter lists', () => {
    const filter = one({ exact: { type: '' } });
    expect(() => compileFilter(filter)).toThrow(FiltersError);
    try {
      compileFilter(filter);
    } catch (error) {
      expect(error).toBeInstanceOf(FilterInvalidError);
      const { code, problems, message } = error as FilterInvalidError;
      expect(code).toBe('AFFLUX_FILTERS_INVALID');
      expect(problems).toEqual(validateFilter(filter));
      expect(message).toContain('filters[0].exact[type]');
    }
  });

  it('T15 refuses a filter of a million parts', () => {
    const part: FilterSpec = { exact: { type: 'a' } };
    const wide = { any: new Array<FilterSpec>(1_000_000).fill(part) };
    const values = Object.fromEntries(
      Array.from({ length: FILTER_PARTS_MAX + 1 }, (_, n) => [`a${String(n)}`, 'x']),
    );
    for (const filter of [wide, { all: [wide, wide] }, { exact: values }]) {
      const problems = validateFilter(one(filter));
      expect(problems).toHaveLength(1);
      expect(problems[0]?.message).toBe('the filter has more than 10000 parts');
    }
  });

  it('takes as many parts as it says', () => {
    const part: FilterSpec = { exact: { type: 'a' } };
    // Each takes two: the filter and its comparison. The list itself is one.
    const any = new Array<FilterSpec>((FILTER_PARTS_MAX - 2) / 2).fill(part);
    expect(validateFilter(one({ any }))).toEqual([]);
  });

  it('lists a bounded number of problems', () => {
    const problems = validateFilter({ filters: new Array<FilterSpec>(5000).fill({}) });
    expect(problems).toHaveLength(PROBLEMS_MAX);
  });

  test.prop([fc.anything({ withBigInt: true, withNullPrototype: true, maxDepth: 5 })])(
    'validateFilter never throws, and what it accepts compiles',
    (value) => {
      for (const filter of [
        value,
        { filters: value },
        { filters: [value] },
        { attributes: value },
      ]) {
        if (validateFilter(filter as TriggerFilter).length === 0) {
          expect(typeof passes(filter as TriggerFilter)).toBe('boolean');
        } else {
          expect(() => compileFilter(filter as TriggerFilter)).toThrow(FilterInvalidError);
        }
      }
    },
  );
});

describe('warnings', () => {
  it('are about what is legal', () => {
    const filter = { filters: [{ exact: { type: 'a' } }, { not: { cesql: 'a OR b AND c' } }] };
    expect(validateFilter(filter)).toEqual([]);
    expect(filterWarnings(filter)).toEqual([
      expect.objectContaining({ path: 'filters[1].not.cesql', line: 1, column: 8 }),
    ]);
  });

  it('are bounded in number', () => {
    const cesql = Array.from({ length: 200 }, () => 'NO_SUCH()').join(' AND ');
    expect(filterWarnings(one({ cesql }))).toHaveLength(PROBLEMS_MAX);
  });
});

describe('explain', () => {
  it.each<readonly [FilterSpec, boolean, string, string]>([
    [{ exact: { type: 'a' } }, false, 'filters[0].exact[type]', '"com.example.order.created"'],
    [{ exact: { missing: 'a' } }, false, 'filters[0].exact[missing]', 'missing is absent'],
    [{ exact: { subject: 'o-1' } }, true, 'filters[0].exact[subject]', 'equals "o-1"'],
    [{ prefix: { type: 'com.', source: '/x' } }, false, 'filters[0].prefix[source]', 'starts with'],
    [{ suffix: { type: 'ed', source: 'in' } }, true, 'filters[0].suffix', 'every part matches'],
    [
      { all: [{ exact: { subject: 'o-1' } }, { any: [{ exact: { type: 'a' } }] }] },
      false,
      'filters[0].all[1].any',
      'no part matches',
    ],
    [
      { any: [{ exact: { type: 'a' } }, { suffix: { type: 'created' } }] },
      true,
      'filters[0].any[1].suffix[type]',
      'ends with "created"',
    ],
    [{ not: { exact: { subject: 'o-1' } } }, false, 'filters[0].not.exact[subject]', 'negated: '],
    [{ cesql: 'priority > 9' }, false, 'filters[0].cesql', 'yields false'],
    [{ cesql: 'subject' }, false, 'filters[0].cesql', 'yields "o-1"'],
    [{ cesql: 'missing > 9' }, false, 'filters[0].cesql', 'the event has no attribute missing'],
  ])('%j', (filter, matched, decidedBy, detail) => {
    const decision = compileFilter(one(filter)).explain(event);
    expect(decision).toMatchObject({ matched, decidedBy });
    expect(decision.detail).toContain(detail);
  });

  it('names the part that failed first among several filters and attributes', () => {
    const filters = [{ prefix: { type: 'com.' } }, { exact: { subject: 'o-2' } }];
    expect(compileFilter({ filters }).explain(event).decidedBy).toBe('filters[1].exact[subject]');
    const attributes = { type: '', region: '' };
    expect(compileFilter({ attributes }).explain(event)).toEqual({
      matched: false,
      decidedBy: 'filter.attributes[region]',
      detail: 'region is ""; the filter wants any value',
    });
    expect(compileFilter({}).explain(event)).toEqual({
      matched: true,
      decidedBy: 'filter',
      detail: 'there is no filter',
    });
  });

  it('shows the beginning of a long value only', () => {
    const { detail } = compileFilter(one({ exact: { subject: 'x' } })).explain(
      eventWith({ subject: 'y'.repeat(1000) }),
    );
    expect(detail.length).toBeLessThan(200);
  });
});
