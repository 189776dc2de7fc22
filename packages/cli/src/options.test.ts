import { describe, expect, it } from 'vitest';
import { collect, duration, integer, oneOf, positive } from './options.ts';

describe('option values', () => {
  it('are integers within bounds, written in digits', () => {
    const parse = integer(0, 100);
    expect([parse('0'), parse('100'), parse('007')]).toEqual([0, 100, 7]);
    for (const text of ['', '-1', '101', '1.5', '1e2', '0x10', ' 1', 'one']) {
      expect(() => parse(text), text).toThrow('expected an integer from 0 to 100.');
    }
  });

  it('are numbers above 0', () => {
    expect([positive('0.5'), positive('200')]).toEqual([0.5, 200]);
    for (const text of ['', '0', '-1', 'Infinity', 'NaN', 'fast']) {
      expect(() => positive(text), text).toThrow('expected a number above 0.');
    }
  });

  it('are durations in words of Go or ISO 8601, or milliseconds', () => {
    expect(['200ms', '1.5s', 'PT0.2S', '250', '0'].map(duration)).toEqual([200, 1500, 200, 250, 0]);
    for (const text of ['', 'soon', '1 s', '-1s']) {
      expect(() => duration(text), text).toThrow('expected a duration such as 200ms');
    }
  });

  it('are collected in order where an option may be repeated', () => {
    expect(collect('b', collect('a', undefined))).toEqual(['a', 'b']);
  });

  it('are one of some words, which the message names', () => {
    expect(oneOf('a', 'b')('b')).toBe('b');
    expect(() => oneOf('a', 'b')('c')).toThrow('expected one of a, b.');
  });
});
