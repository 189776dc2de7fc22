import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTimestamp, timestampMs } from './timestamp.ts';

test.each([
  '2018-04-05T17:31:00Z',
  '2018-04-05T17:31:00+02:00',
  '2018-04-05T17:31:00.1Z',
  '2018-04-05T17:31:00.123456789012345678+02:00',
  '2018-04-05t17:31:00z',
  '2018-04-05T17:31:00-00:00',
  '2016-12-31T23:59:60Z',
  '2017-01-01T01:59:60+02:00',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '2024-02-29T00:00:00Z',
  '2000-02-29T00:00:00Z',
])('%s is a timestamp', (text) => {
  expect(isTimestamp(text)).toBe(true);
});

test.each([
  '',
  'yesterday',
  '2018-04-05',
  '2018-04-05 17:31:00Z',
  '2018-04-05T17:31:00',
  '2018-04-05T17:31Z',
  '2018-04-05T24:00:00Z',
  '2018-04-05T17:60:00Z',
  '2018-04-05T17:31:61Z',
  '2018-04-05T17:31:00.Z',
  '2018-04-05T17:31:00,5Z',
  '2018-04-05T17:31:00+0200',
  '2018-04-05T17:31:00+24:00',
  '2018-04-05T17:31:00+02:60',
  '2018-04-05T17:31:00+02:00x',
  '2018-04-05T17:31:00Zx',
  ' 2018-04-05T17:31:00Z',
  '2018-13-05T17:31:00Z',
  '2018-00-05T17:31:00Z',
  '2018-02-30T17:31:00Z',
  '2018-04-31T17:31:00Z',
  '2018-04-00T17:31:00Z',
  '2023-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2018-W14-4T17:31:00Z',
  '12018-04-05T17:31:00Z',
  '+2018-04-05T17:31:00Z',
  '2018/04/05T17:31:00Z',
  '2018-04-05T17-31-00Z',
  '２018-04-05T17:31:00Z',
])('%j is none', (text) => {
  expect(isTimestamp(text)).toBe(false);
});

test('days are those of the calendar', () => {
  const day = fc.record({
    year: fc.integer({ min: 0, max: 9999 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 31 }),
  });
  fc.assert(
    fc.property(day, ({ year, month, day }) => {
      const date = new Date(Date.UTC(2000, month - 1, day));
      date.setUTCFullYear(year, month - 1, day);
      const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      const pad = (value: number, length: number): string => String(value).padStart(length, '0');
      const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T00:00:00Z`;
      expect(isTimestamp(text)).toBe(exists);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['2018-04-05T17:31:00Z', Date.UTC(2018, 3, 5, 17, 31)],
  ['2018-04-05t17:31:00.5z', Date.UTC(2018, 3, 5, 17, 31, 0, 500)],
  ['2018-04-05T17:31:00.123456789+02:00', Date.UTC(2018, 3, 5, 15, 31, 0, 123)],
  ['2018-04-05T17:31:00-00:00', Date.UTC(2018, 3, 5, 17, 31)],
  ['2016-12-31T23:59:60.7Z', Date.UTC(2017, 0, 1)],
  ['2018-04-05', undefined],
])('%j is %j in milliseconds', (text, ms) => {
  expect(timestampMs(text)).toBe(ms);
});
