import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  parseBytes,
  parseDuration,
  parseGoDuration,
  parseIsoDuration,
} from './duration.ts';
import { KernelError } from './errors.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.2425 * DAY;

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof KernelError ? error.code : 'not a KernelError';
  }
}

describe('ISO 8601 durations', () => {
  test.each([
    ['PT0.2S', 200],
    ['PT0,2S', 200],
    ['PT5.S', 5 * SECOND],
    ['PT0.000001S', 0.001],
    ['PT5M', 5 * MINUTE],
    ['P1D', DAY],
    ['P1DT2H', DAY + 2 * HOUR],
    ['P1DT', DAY],
    ['P2W1D', 15 * DAY],
    ['P1D2W', 15 * DAY],
    ['P1Y', YEAR],
    ['P1M', YEAR / 12],
    ['PT1M', MINUTE],
    ['P1.5Y', 1.5 * YEAR],
    ['P1Y2M3W4DT5H6M7.5S', YEAR + YEAR / 6 + 25 * DAY + 5 * HOUR + 6 * MINUTE + 7.5 * SECOND],
    ['+PT1S', SECOND],
    ['-PT1S', -SECOND],
    ['P0', 0],
    ['P0D', 0],
    ['-PT0S', 0],
    ['PT3600S', HOUR],
  ])('%s is %d ms', (text, ms) => {
    expect(parseIsoDuration(text)).toBe(ms);
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    'P',
    'PT',
    '+P',
    '--P1D',
    'P000',
    'PT1',
    'PxD',
    'P1H',
    'P1S',
    'PT1D',
    'PT1Y',
    'P1D2D',
    'PT1H1H',
    'PT1HT1S',
    'P0.1YT0.1S',
    'PT1.5H30M',
    'P1.5DT1H',
    'P1.1.1Y',
    'PT-1S',
    'PT.5S',
    'PT1s',
    'p1d',
    ' PT1S',
    'PT1S ',
    'PT1S\n',
    '1s',
    'P300Y',
    `PT${'9'.repeat(60)}S`,
    `PT${'0'.repeat(1000)}1S`,
  ])('%j is refused', (text) => {
    expect(codeOf(() => parseIsoDuration(text))).toBe('AFFLUX_KERNEL_DURATION_INVALID');
  });

  test('what a period says is its sum, whatever the order of its units', () => {
    const amount = fc.integer({ min: 0, max: 999 });
    const units = fc.shuffledSubarray(['W', 'D'] as const, { minLength: 1 });
    fc.assert(
      fc.property(units, amount, amount, amount, (dateUnits, date, hours, seconds) => {
        const days = { W: 7, D: 1 };
        const text = `P${dateUnits.map((unit) => `${String(date)}${unit}`).join('')}T${String(hours)}H${String(seconds)}S`;
        const dateMs = dateUnits.reduce((sum, unit) => sum + date * days[unit] * DAY, 0);
        expect(parseIsoDuration(text)).toBe(dateMs + hours * HOUR + seconds * SECOND);
        expect(parseIsoDuration(`-${text}`)).toBeCloseTo(-parseIsoDuration(text), 6);
      }),
    );
  });
});

describe('Go durations', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['200ms', 200],
    ['1.5s', 1500],
    ['1.s', 1000],
    ['.5s', 500],
    ['1h30m', HOUR + 30 * MINUTE],
    ['30m1h', HOUR + 30 * MINUTE],
    ['1m1m', 2 * MINUTE],
    ['1.005s', 1005],
    ['4.35s', 4350],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['100μs', 0.1],
    ['1ns', 0.000001],
    ['-5s', -5000],
    ['+5s', 5000],
    ['2540400h', 2540400 * HOUR],
  ])('%s is %d ms', (text, ms) => {
    expect(parseGoDuration(text)).toBe(ms);
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    '5',
    '-',
    's',
    '.s',
    '1d',
    '1 s',
    ' 1s',
    '1S',
    '1,5s',
    '1e3s',
    '--1s',
    '1h-30m',
    '3000000h',
    '1'.repeat(100_000),
  ])('%.20j is refused', (text) => {
    expect(codeOf(() => parseGoDuration(text))).toBe('AFFLUX_KERNEL_DURATION_INVALID');
  });

  test('an error quotes no more than the beginning of what it was given', () => {
    expect(() => parseGoDuration('1'.repeat(100_000))).toThrow(/^.{0,250}$/);
  });
});

describe('formatting', () => {
  test.each([
    [0, '0s'],
    [-0, '0s'],
    [200, '200ms'],
    [0.5, '0.5ms'],
    [0.000001, '0.000001ms'],
    [0.0000001, '0s'],
    [-0.0000001, '0s'],
    [999.9999999, '1s'],
    [1500, '1.5s'],
    [59_999.6, '1m'],
    [3_599_999.9, '1h'],
    [5_400_000, '1h30m'],
    [90_061_001, '25h1m1.001s'],
    [-1500, '-1.5s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('whole milliseconds survive the round trip', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 43), max: 2 ** 43 }), (ms) => {
        expect(parseGoDuration(formatDuration(ms))).toBe(ms === 0 ? 0 : ms);
      }),
    );
  });

  test('whole nanoseconds below a second survive the round trip', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (ns) => {
        expect(parseGoDuration(formatDuration(ns / 1e6))).toBe(ns / 1e6);
      }),
    );
  });

  test('any finite duration is within half a millisecond of its text', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (ms) => {
        expect(Math.abs(parseGoDuration(formatDuration(ms)) - ms)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  test('what is not a finite number is a programmer error', () => {
    expect(() => formatDuration(Number.NaN)).toThrow('finite');
    expect(() => formatDuration(Number.POSITIVE_INFINITY)).toThrow('finite');
  });
});

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['65536', 65536],
    ['64KiB', 65536],
    ['64 kib', 65536],
    ['64K', 65536],
    ['64Ki', 65536],
    ['4MiB', 4 * 1024 ** 2],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['1MB', 1_000_000],
    ['1kB', 1000],
    ['10B', 10],
    ['1.0009kB', 1000],
    [' 5 ', 5],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each([
    '',
    'MiB',
    '-1',
    '1TiB',
    '1..5K',
    '.5K',
    '5constructor',
    '5 0',
    '1e3',
    '9'.repeat(30),
  ])('%j is refused', (text) => {
    expect(codeOf(() => parseBytes(text))).toBe('AFFLUX_KERNEL_SIZE_INVALID');
  });
});
