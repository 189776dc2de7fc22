import { describe, expect, test } from 'vitest';
import { prettyLine } from './pretty.ts';

const TIME = '2026-01-01T10:20:30.045Z';

function pretty(entry: Record<string, unknown>, useColour = false): string {
  return prettyLine(
    JSON.stringify({ level: 'info', time: TIME, msg: 'said', ...entry }),
    useColour,
  );
}

describe('a line', () => {
  test('has time, level, component, message and fields', () => {
    const text = pretty({ component: 'broker', trigger: 'default/orders', attempt: 2, ok: true });
    expect(text).toMatch(
      /^\d\d:20:30\.045 INFO {2}broker: said trigger=default\/orders attempt=2 ok=true\n$/,
    );
  });

  test('quotes what is not plain', () => {
    expect(pretty({ a: 'two words', b: '', c: [1, 'x'], d: null })).toContain(
      'said a="two words" b="" c=[1,"x"] d=null\n',
    );
  });

  test('has colours only where they are wanted', () => {
    expect(pretty({ level: 'error', a: 1 })).not.toContain('\u001b');
    expect(pretty({ level: 'error', a: 1 }, true)).toContain('\u001b[31mERROR\u001b[0m');
  });
});

describe('an error', () => {
  test('stands below its line with stack and causes', () => {
    const err = {
      type: 'Error',
      message: 'outer',
      stack: 'Error: outer\n    at here',
      cause: { type: 'BrokenError', message: 'inner', code: 'AFFLUX_TEST_BROKEN' },
    };
    expect(pretty({ err }).split('\n').slice(1)).toEqual([
      '    Error: outer',
      '      at here',
      '    caused by: BrokenError: inner (AFFLUX_TEST_BROKEN)',
      '',
    ]);
  });

  test('of several has a paragraph for each', () => {
    const errors = [{ type: 'Error', message: 'a' }, 'b'];
    const lines = pretty({ err: { type: 'AggregateError', message: 'many', errors } }).split('\n');
    expect(lines.slice(1, -1)).toEqual([
      '    AggregateError: many',
      '    one of: Error: a',
      '    one of: b',
    ]);
  });
});

test('T30 nothing that is logged breaks out of its line or speaks to the terminal', () => {
  const hostile = 'a\r\nforged INFO line\u001b[2J\u009b2J\u007f\u2028\u0000';
  const err = { type: hostile, message: hostile, stack: hostile, cause: hostile, code: hostile };
  const text = pretty({ msg: hostile, [hostile]: hostile, component: hostile, err });
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028]/);
  // What follows the line itself is indented: nothing can pass for a line of its own.
  expect(
    text
      .trimEnd()
      .split('\n')
      .slice(1)
      .filter((line) => !line.startsWith('    ')),
  ).toEqual([]);
});
