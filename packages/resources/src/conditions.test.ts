import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConditionSet, findCondition } from './conditions.ts';
import type { Condition } from './object.ts';

const SET = new ConditionSet('Ready', ['A', 'B']);
const T1 = '2026-01-01T00:00:01Z';
const T2 = '2026-01-01T00:00:02Z';
const T3 = '2026-01-01T00:00:03Z';

/** `Ready=False(reason), A=True`: what a test wants to see of conditions. */
function summary(conditions: readonly Condition[]): string {
  return conditions
    .map(
      ({ type, status, reason }) => `${type}=${status}${reason === undefined ? '' : `(${reason})`}`,
    )
    .join(' ');
}

function ready(conditions: readonly Condition[]): string {
  return summary(conditions.filter(({ type }) => type === 'Ready'));
}

describe('initialize', () => {
  test('adds everything that is missing as Unknown, sorted by type', () => {
    const conditions = SET.initialize({}, T1);
    expect(summary(conditions)).toBe('A=Unknown B=Unknown Ready=Unknown');
    expect(conditions.every((condition) => condition.lastTransitionTime === T1)).toBe(true);
  });

  test('adds missing dependents as True below a happy condition that is True', () => {
    const conditions = [{ type: 'Ready', status: 'True' } as const];
    expect(summary(SET.initialize({ conditions }, T1))).toBe('A=True B=True Ready=True');
  });

  test('leaves what is there alone', () => {
    const before = SET.markFalse(
      { conditions: SET.initialize({}, T1) },
      {
        type: 'A',
        reason: 'Broken',
        now: T1,
      },
    );
    expect(SET.initialize({ conditions: before }, T2)).toEqual(before);
  });

  test('does not need a status', () => {
    expect(SET.initialize(undefined, T1)).toHaveLength(3);
  });
});

describe('markTrue', () => {
  test('makes the happy condition True when all dependents are', () => {
    let conditions = SET.initialize({}, T1);
    conditions = SET.markTrue({ conditions }, { type: 'A', now: T2 });
    expect(ready(conditions)).toBe('Ready=Unknown');
    conditions = SET.markTrue({ conditions }, { type: 'B', reason: 'Fine', now: T3 });
    expect(summary(conditions)).toBe('A=True B=True(Fine) Ready=True');
  });

  test('copies reason and message of the newest False dependent, before any Unknown one', () => {
    const set = new ConditionSet('Ready', ['A', 'B', 'C', 'D']);
    let conditions = set.initialize({}, T1);
    conditions = set.markFalse(
      { conditions },
      { type: 'B', reason: 'Newer', message: 'm', now: T3 },
    );
    conditions = set.markFalse({ conditions }, { type: 'A', reason: 'Older', now: T2 });
    conditions = set.markTrue({ conditions }, { type: 'C', now: T3 });
    expect(findCondition({ conditions }, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Newer',
      message: 'm',
    });
  });

  test('keeps the happy condition Unknown while a dependent is absent', () => {
    const conditions = SET.markTrue({}, { type: 'A', now: T1 });
    expect(summary(conditions)).toBe('A=True Ready=Unknown');
  });

  test('of the happy condition itself gives way to an unhappy dependent', () => {
    let conditions = SET.initialize({}, T1);
    conditions = SET.markTrue({ conditions }, { type: 'Ready', now: T2 });
    expect(findCondition({ conditions }, 'Ready')).toEqual({
      type: 'Ready',
      status: 'Unknown',
      lastTransitionTime: T1,
    });
  });

  test('of the happy condition itself holds when nothing is unhappy', () => {
    const set = new ConditionSet('Succeeded', []);
    expect(summary(set.markTrue({}, { type: 'Succeeded', now: T1 }))).toBe('Succeeded=True');
  });
});

describe('markFalse', () => {
  test('of a dependent makes the happy condition False with the same reason and message', () => {
    const mark = { type: 'A', reason: 'Broken', message: 'it broke', now: T1 };
    const conditions = SET.markFalse({ conditions: SET.initialize({}, T1) }, mark);
    expect(findCondition({ conditions }, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Broken',
      message: 'it broke',
    });
  });

  test('of another type only informs', () => {
    const before = SET.initialize({}, T1);
    const conditions = SET.markFalse(
      { conditions: before },
      { type: 'Extra', reason: 'No', now: T1 },
    );
    expect(findCondition({ conditions }, 'Extra')?.severity).toBe('Info');
    expect(ready(conditions)).toBe('Ready=Unknown');
  });
});

describe('markUnknown', () => {
  test('of a dependent makes the happy condition Unknown with the same reason', () => {
    let conditions = SET.initialize({}, T1);
    conditions = SET.markTrue({ conditions }, { type: 'A', now: T1 });
    conditions = SET.markTrue({ conditions }, { type: 'B', now: T1 });
    conditions = SET.markUnknown({ conditions }, { type: 'A', reason: 'Waiting', now: T2 });
    expect(ready(conditions)).toBe('Ready=Unknown(Waiting)');
  });

  test('keeps the happy condition False while a dependent is False', () => {
    let conditions = SET.initialize({}, T1);
    conditions = SET.markFalse({ conditions }, { type: 'A', reason: 'Broken', now: T1 });
    conditions = SET.markUnknown({ conditions }, { type: 'B', reason: 'Waiting', now: T2 });
    expect(ready(conditions)).toBe('Ready=False(Broken)');
  });

  test('makes the happy condition False when a dependent is False and it was not', () => {
    const conditions = [
      { type: 'A', status: 'False' } as const,
      { type: 'Ready', status: 'True' } as const,
    ];
    const after = SET.markUnknown({ conditions }, { type: 'B', reason: 'Waiting', now: T1 });
    expect(ready(after)).toBe('Ready=False(Waiting)');
  });

  test('of another type does not touch the happy condition', () => {
    const conditions = SET.markUnknown({}, { type: 'Extra', reason: 'Waiting', now: T1 });
    expect(summary(conditions)).toBe('Extra=Unknown(Waiting)');
  });
});

describe('in all operations', () => {
  test('the time changes only with something else', () => {
    const first = SET.markFalse({}, { type: 'A', reason: 'Broken', message: 'x', now: T1 });
    const same = SET.markFalse(
      { conditions: first },
      { type: 'A', reason: 'Broken', message: 'x', now: T2 },
    );
    expect(same).toEqual(first);
    const other = SET.markFalse(
      { conditions: first },
      { type: 'A', reason: 'Broken', message: 'y', now: T2 },
    );
    expect(other.map((condition) => condition.lastTransitionTime)).toEqual([T2, T2]);
  });

  test('times are compared as times, not as text', () => {
    let conditions = SET.initialize({}, '2026-01-01T00:00:00Z');
    conditions = SET.markFalse({ conditions }, { type: 'A', reason: 'Older', now: T1 });
    const later = '2026-01-01T01:00:01.5+01:00';
    conditions = SET.markFalse({ conditions }, { type: 'B', reason: 'Newer', now: later });
    expect(ready(SET.markTrue({ conditions }, { type: 'Extra', now: T3 }))).toBe(
      'Ready=False(Newer)',
    );
  });

  test('the status that is passed in does not change', () => {
    const conditions = Object.freeze(
      SET.initialize({}, T1).map((condition) => Object.freeze(condition)),
    );
    SET.markTrue({ conditions }, { type: 'A', now: T2 });
    expect(summary(conditions)).toBe('A=Unknown B=Unknown Ready=Unknown');
  });

  test('duplicates and the happy type among the dependents do not count', () => {
    expect(new ConditionSet('Ready', ['A', 'Ready', 'A']).dependents).toEqual(['A']);
  });
});

test('clear removes what only informs, never what counts', () => {
  const conditions = SET.markFalse(
    { conditions: SET.initialize({}, T1) },
    { type: 'Extra', now: T1 },
  );
  expect(summary(SET.clear({ conditions }, 'Extra'))).toBe('A=Unknown B=Unknown Ready=Unknown');
  expect(SET.clear({ conditions }, 'A')).toEqual(conditions);
});

test('isReady asks for the generation only when it is given one', () => {
  const status = {
    conditions: [{ type: 'Ready', status: 'True' } as const],
    observedGeneration: 1,
  };
  expect(SET.isReady(status)).toBe(true);
  expect(SET.isReady(status, 1)).toBe(true);
  expect(SET.isReady(status, 2)).toBe(false);
  expect(SET.isReady({}, 2)).toBe(false);
  expect(SET.isReady(undefined)).toBe(false);
});

describe('property', () => {
  const TYPES = ['A', 'B', 'C'] as const;
  const set = new ConditionSet('Ready', TYPES);
  const step = fc.record({
    type: fc.constantFrom(...TYPES, 'Extra'),
    operation: fc.constantFrom('markTrue', 'markFalse', 'markUnknown'),
    reason: fc.constantFrom('R1', 'R2'),
  });

  test('the happy condition is the roll-up of the dependents after any sequence of marks', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let conditions = set.initialize({}, T1);
        for (const [index, { type, operation, reason }] of steps.entries()) {
          const now = new Date(1_000 * index).toISOString();
          conditions = set[operation]({ conditions }, { type, reason, now });
          const statuses = TYPES.map((name) => findCondition({ conditions }, name)?.status);
          const expected = statuses.includes('False')
            ? 'False'
            : statuses.includes('Unknown')
              ? 'Unknown'
              : 'True';
          expect(set.happyCondition({ conditions })?.status).toBe(expected);
          const types = conditions.map((condition) => condition.type);
          expect(types).toEqual([...new Set(types)].sort());
        }
      }),
    );
  });

  test('an operation repeated later changes nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), step, (steps, last) => {
        let conditions = set.initialize({}, T1);
        for (const { type, operation, reason } of steps) {
          conditions = set[operation]({ conditions }, { type, reason, now: T1 });
        }
        const { type, operation, reason } = last;
        const once = set[operation]({ conditions }, { type, reason, now: T2 });
        expect(set[operation]({ conditions: once }, { type, reason, now: T3 })).toEqual(once);
      }),
    );
  });
});
