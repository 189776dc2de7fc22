import { expect, test } from 'vitest';
import { ageOf, humanDuration, momentOf } from './human-duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [-2 * SECOND, '<invalid>'],
  [-1999, '0s'],
  [-1, '0s'],
  [0, '0s'],
  [999, '0s'],
  [-5 * SECOND, '<invalid>'],
  [-1 * SECOND, '0s'],
  [119 * SECOND, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + 3 * SECOND, '2m3s'],
  [10 * MINUTE - SECOND, '9m59s'],
  [10 * MINUTE + 30 * SECOND, '10m'],
  [3 * HOUR - MINUTE, '179m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 5 * MINUTE, '3h5m'],
  [8 * HOUR - MINUTE, '7h59m'],
  [8 * HOUR + 59 * MINUTE, '8h'],
  [47 * HOUR, '47h'],
  [2 * DAY, '2d'],
  [2 * DAY + HOUR, '2d1h'],
  [2 * DAY + 5 * HOUR, '2d5h'],
  [8 * DAY + 23 * HOUR, '8d'],
  [9 * DAY + 5 * HOUR, '9d'],
  [729 * DAY, '729d'],
  [730 * DAY, '2y'],
  [731 * DAY, '2y1d'],
  [8 * 365 * DAY + DAY, '8y'],
  [9 * 365 * DAY, '9y'],
])('%d ms is %s', (durationMs, text) => {
  expect(humanDuration(durationMs)).toBe(text);
});

test('an age without a time is unknown, and one of something else is invalid', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>');
  expect(ageOf('', 0)).toBe('<unknown>');
  expect(ageOf('yesterday', 0)).toBe('<invalid>');
  expect(ageOf('1970-01-01T00:00:00Z', 5000)).toBe('5s');
  expect(ageOf('1970-01-01T01:00:00.5+01:00', 5500)).toBe('5s');
});

test.each(['2020-01-01', '2020-01-01T00:00:00', '2020-13-01T00:00:00Z', '5'])(
  '%s is no moment',
  (text) => {
    expect(momentOf(text)).toBeUndefined();
  },
);
