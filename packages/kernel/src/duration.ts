/**
 * Durations and sizes as people write them, parsed to numbers. Three notations:
 *
 * - ISO 8601 periods (`PT0.2S`, `P1DT2H`), used by Knative's delivery fields. The grammar is that of the
 *   period library that Knative uses: a leading sign, each unit at most once per half and in any order, weeks
 *   beside other units, a fraction in the last component only, `P0`. Years and months count with their mean
 *   length (365.2425 days, a twelfth of it). Unlike that library a fraction keeps all its digits.
 * - Go durations (`1h30m`, `200ms`, `1.5s`), used by Knative's config maps and by our flags.
 * - Sizes (`64KiB`, `4MiB`, `1MB`, `1024`).
 *
 * Results are exact to the nanosecond (beyond 104 days as exact as a number can be) and bounded as Go's
 * `time.Duration` is: about 292 years.
 */
import { strict as assert } from 'node:assert';
import { KernelError } from './errors.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.2425 * DAY;

const DATE_UNITS = new Map([
  ['Y', YEAR],
  ['M', YEAR / 12],
  ['W', 7 * DAY],
  ['D', DAY],
]);
const TIME_UNITS = new Map([
  ['H', HOUR],
  ['M', MINUTE],
  ['S', SECOND],
]);
const GO_UNITS = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
]);
const SIZE_UNITS = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
  ['ki', 1024],
  ['mi', 1024 ** 2],
  ['gi', 1024 ** 3],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
]);

/** Longer texts are refused unread, so that no pattern below meets one. */
const TEXT_LENGTH_MAX = 100;

/** 2^63 - 1 nanoseconds: the bound of Go's `time.Duration`, which both notations end in upstream. */
const DURATION_MS_MAX = 2 ** 63 / 1e6;

const ISO_PERIOD = /^([+-])?P((?:\d+(?:[.,]\d*)?[YMWD])*)(?:T((?:\d+(?:[.,]\d*)?[HMS])*))?$/;
const ISO_COMPONENT = /(\d+(?:[.,]\d*)?)([A-Z])/g;
const GO_DURATION = /^([+-])?((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const GO_COMPONENT = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const SIZE = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;

/** A value as it stands in an error: quoted and short. */
function quoted(text: string): string {
  return JSON.stringify(
    text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text,
  );
}

function invalidDuration(text: string, expected: string): KernelError {
  return new KernelError(`invalid duration ${quoted(text)}: expected ${expected}`, {
    code: 'AFFLUX_KERNEL_DURATION_INVALID',
    fault: 'user',
    details: { value: text.slice(0, TEXT_LENGTH_MAX) },
  });
}

/** Up to here a double holds every nanosecond, so rounding takes noise away and adds none. */
const NANOSECONDS_EXACT_MS_MAX = Number.MAX_SAFE_INTEGER / 1e6;

/** Takes away the noise of multiplications and sums. */
function toNanoseconds(ms: number): number {
  return ms < NANOSECONDS_EXACT_MS_MAX ? Math.round(ms * 1e6) / 1e6 : ms;
}

/** Whole units and the fraction apart, so that a long duration keeps the digits of its fraction. */
function amountMs(amount: string, unitMs: number): number {
  const [whole = '', fraction = ''] = amount.split(/[.,]/);
  return toNanoseconds(Number(whole) * unitMs) + toNanoseconds(Number(`0.${fraction}`) * unitMs);
}

/** Applies the sign; undefined beyond the bound. */
function milliseconds(ms: number, sign: string | undefined): number | undefined {
  const exact = toNanoseconds(ms);
  if (exact >= DURATION_MS_MAX) return undefined;
  return sign === '-' && exact !== 0 ? -exact : exact;
}

/** Sums one half of a period; undefined when a unit comes twice. */
function sumUnits(half: string, units: ReadonlyMap<string, number>): number | undefined {
  const seen = new Set<string>();
  let total = 0;
  for (const [, amount = '', unit = ''] of half.matchAll(ISO_COMPONENT)) {
    if (seen.has(unit)) return undefined;
    seen.add(unit);
    total += amountMs(amount, units.get(unit) ?? Number.NaN);
  }
  return total;
}

function isoMilliseconds(text: string): number | undefined {
  const match = text.length > TEXT_LENGTH_MAX ? null : ISO_PERIOD.exec(text);
  if (match === null) return undefined;
  const [, sign, dateHalf = '', timeHalf = ''] = match;
  const components = dateHalf + timeHalf;
  const isEmpty = components === '';
  const fractionBeforeLast = /[.,]\d*[A-Z]./.test(components);
  const date = sumUnits(dateHalf, DATE_UNITS);
  const time = sumUnits(timeHalf, TIME_UNITS);
  if (isEmpty || fractionBeforeLast || date === undefined || time === undefined) return undefined;
  return milliseconds(date + time, sign);
}

/** Milliseconds of an ISO 8601 period, negative with a leading `-`. Throws `AFFLUX_KERNEL_DURATION_INVALID`. */
export function parseIsoDuration(text: string): number {
  const ms = text === 'P0' ? 0 : isoMilliseconds(text);
  if (ms === undefined) {
    throw invalidDuration(text, 'an ISO 8601 duration such as PT0.2S, PT5M or P1D');
  }
  return ms;
}

function goMilliseconds(text: string): number | undefined {
  const match = text.length > TEXT_LENGTH_MAX ? null : GO_DURATION.exec(text);
  if (match === null) return undefined;
  let total = 0;
  for (const [, amount = '', unit = ''] of (match[2] ?? '').matchAll(GO_COMPONENT)) {
    total += amountMs(amount, GO_UNITS.get(unit) ?? Number.NaN);
  }
  return milliseconds(total, match[1]);
}

/** Milliseconds of a Go duration, negative with a leading `-`. Throws `AFFLUX_KERNEL_DURATION_INVALID`. */
export function parseGoDuration(text: string): number {
  const ms = /^[+-]?0$/.test(text) ? 0 : goMilliseconds(text);
  if (ms === undefined) throw invalidDuration(text, 'a duration such as 200ms, 1.5s or 1h30m');
  return ms;
}

/** Milliseconds of either notation: ISO 8601 when it begins with `P` (after a sign), else Go. */
export function parseDuration(text: string): number {
  return /^[+-]?P/.test(text) ? parseIsoDuration(text) : parseGoDuration(text);
}

/**
 * The shortest Go-style text for a number of milliseconds: `1h30m`, `1.5s`, `200ms`, `0s`. From one second up
 * it is rounded to whole milliseconds, below to nanoseconds.
 */
export function formatDuration(ms: number): string {
  assert(Number.isFinite(ms), 'a duration must be a finite number');
  if (ms < 0) return formatDuration(-ms) === '0s' ? '0s' : `-${formatDuration(-ms)}`;
  const short = toNanoseconds(ms);
  if (short === 0) return '0s';
  if (short < SECOND) return `${String(short)}ms`;
  const whole = Math.round(ms);
  const hours = Math.floor(whole / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  const seconds = (whole % MINUTE) / SECOND;
  const part = (amount: number, unit: string): string =>
    amount > 0 ? `${String(amount)}${unit}` : '';
  return part(hours, 'h') + part(minutes, 'm') + part(seconds, 's');
}

/**
 * Bytes of a size text, rounded down. `K`, `Ki` and `KiB` are 1024, `KB` is 1000, and so on to G; case does
 * not matter. Throws `AFFLUX_KERNEL_SIZE_INVALID`, also beyond 2^53 - 1.
 */
export function parseBytes(text: string): number {
  const match = text.length > TEXT_LENGTH_MAX ? null : SIZE.exec(text.trim());
  const unit = SIZE_UNITS.get(match?.[2]?.toLowerCase() ?? '-');
  const bytes = Math.floor(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) {
    throw new KernelError(
      `invalid size ${quoted(text)}: expected bytes such as 65536, 64KiB or 4MiB`,
      {
        code: 'AFFLUX_KERNEL_SIZE_INVALID',
        fault: 'user',
        details: { value: text.slice(0, TEXT_LENGTH_MAX) },
      },
    );
  }
  return bytes;
}
