/**
 * Durations and sizes as people write them, parsed to numbers. Three notations:
 *
 * - ISO 8601 periods (`PT0.2S`, `P1DT2H`), used by Knative's delivery fields. As in the period library that
 *   Knative uses, a sign is allowed, only the last component may have a fraction, and years and months count
 *   with their mean length (365.2425 days, a twelfth of it).
 * - Go durations (`1h30m`, `200ms`, `1.5s`), used by Knative's config maps and by our flags.
 * - Sizes (`64KiB`, `4MiB`, `1MB`, `1024`).
 */
import { KernelError } from './errors.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.2425 * DAY;

const ISO_DATE_UNITS = { Y: YEAR, M: YEAR / 12, W: 7 * DAY, D: DAY } as const;
const ISO_TIME_UNITS = { H: HOUR, M: MINUTE, S: SECOND } as const;
const GO_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
};
const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

const ISO_PERIOD =
  /^([+-])?P(?=[\dT])((?:\d+(?:[.,]\d+)?[YMWD])*)(?:T((?:\d+(?:[.,]\d+)?[HMS])+))?$/;

function invalidDuration(text: string, expected: string): KernelError {
  return new KernelError(`invalid duration ${JSON.stringify(text)}: expected ${expected}`, {
    code: 'AFFLUX_KERNEL_DURATION_INVALID',
    fault: 'user',
    details: { value: text },
  });
}

/** Sums the components of one half of a period; undefined when an order, repeat or fraction rule is broken. */
function sumComponents(
  text: string,
  units: Readonly<Record<string, number>>,
  mayEndInFraction: boolean,
): number | undefined {
  const order = Object.keys(units);
  const components = [...text.matchAll(/(\d+(?:[.,]\d+)?)([A-Z])/g)];
  let total = 0;
  let lastUnit = -1;
  for (const [index, [, amount = '', unit = '']] of components.entries()) {
    const position = order.indexOf(unit);
    const hasFraction = /[.,]/.test(amount);
    const isLast = mayEndInFraction && index === components.length - 1;
    if (position <= lastUnit || (hasFraction && !isLast)) return undefined;
    lastUnit = position;
    total += Number(amount.replace(',', '.')) * (units[unit] ?? Number.NaN);
  }
  return total;
}

/** Milliseconds of an ISO 8601 period. Throws `AFFLUX_KERNEL_DURATION_INVALID`. */
export function parseIsoDuration(text: string): number {
  const expected = 'an ISO 8601 duration such as PT0.2S, PT5M or P1D';
  const match = ISO_PERIOD.exec(text);
  if (match === null) throw invalidDuration(text, expected);
  const [, sign, dateHalf = '', timeHalf = ''] = match;
  const date = sumComponents(dateHalf, ISO_DATE_UNITS, timeHalf === '');
  const time = sumComponents(timeHalf, ISO_TIME_UNITS, true);
  if (date === undefined || time === undefined) throw invalidDuration(text, expected);
  // Thousandths of a microsecond are noise of the multiplication, not of the input.
  const ms = Math.round((date + time) * 1e6) / 1e6;
  return sign === '-' && ms !== 0 ? -ms : ms;
}

/** Milliseconds of a Go duration. Throws `AFFLUX_KERNEL_DURATION_INVALID`. */
export function parseGoDuration(text: string): number {
  const expected = 'a duration such as 200ms, 1.5s or 1h30m';
  if (/^[+-]?0$/.test(text)) return 0;
  const match = /^([+-])?((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (match === null) throw invalidDuration(text, expected);
  let ms = 0;
  for (const [, amount, unit = ''] of (match[2] ?? '').matchAll(
    /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    ms += Number(amount) * (GO_UNITS[unit] ?? Number.NaN);
  }
  return match[1] === '-' && ms !== 0 ? -ms : ms;
}

/** Milliseconds of either notation: ISO 8601 when it begins with `P` (after a sign), else Go. */
export function parseDuration(text: string): number {
  return /^[+-]?P/.test(text) ? parseIsoDuration(text) : parseGoDuration(text);
}

/** The shortest Go-style text for a number of milliseconds: `1h30m`, `1.5s`, `200ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < SECOND) return `${String(ms)}ms`;
  const hours = Math.floor(ms / HOUR);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  const seconds = Math.round(ms % MINUTE) / SECOND;
  return `${hours > 0 ? `${String(hours)}h` : ''}${minutes > 0 ? `${String(minutes)}m` : ''}${seconds > 0 ? `${String(seconds)}s` : ''}`;
}

/** Bytes of a size text. Throws `AFFLUX_KERNEL_SIZE_INVALID`. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = SIZE_UNITS[match?.[2]?.toLowerCase() ?? '-'];
  if (match === null || unit === undefined) {
    throw new KernelError(
      `invalid size ${JSON.stringify(text)}: expected bytes such as 65536, 64KiB or 4MiB`,
      { code: 'AFFLUX_KERNEL_SIZE_INVALID', fault: 'user', details: { value: text } },
    );
  }
  return Math.floor(Number(match[1]) * unit);
}
