/**
 * Timestamps of RFC 3339. Attributes are recognised and never parsed: an intermediary keeps the text. `Date` would lose
 * fraction digits and the offset and refuse leap seconds, all of which the specification allows.
 */

const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** The number that `length` digits at `start` make, or -1. */
function digitsAt(text: string, start: number, length: number): number {
  let value = 0;
  for (let index = start; index < start + length; index++) {
    const code = text.charCodeAt(index);
    if (!(code >= 0x30 && code <= 0x39)) return -1;
    value = value * 10 + code - 0x30;
  }
  return value;
}

function isDate(text: string): boolean {
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  if (year === -1 || month < 1 || month > 12 || text[4] !== '-' || text[7] !== '-') return false;
  if (month === 2 && day === 29) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (DAYS_OF_MONTH[month - 1] ?? 0);
}

/** Second 60 is always accepted: whether there was a leap second is not for an intermediary to know. */
function isTimeOfDay(text: string): boolean {
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  const second = digitsAt(text, 17, 2);
  if (text[13] !== ':' || text[16] !== ':') return false;
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60;
}

function isOffset(text: string, start: number): boolean {
  const sign = text[start];
  if (sign === 'Z' || sign === 'z') return text.length === start + 1;
  if ((sign !== '+' && sign !== '-') || text.length !== start + 6) return false;
  const hour = digitsAt(text, start + 1, 2);
  const minute = digitsAt(text, start + 4, 2);
  return text[start + 3] === ':' && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}

/**
 * Whether the text is an RFC 3339 date-time: any number of fraction digits, `t` and `z` in either case, the
 * offset `-00:00` and leap seconds included; a space instead of `T`, a missing offset and impossible dates
 * are not.
 */
export function isTimestamp(text: string): boolean {
  if (text[10] !== 'T' && text[10] !== 't') return false;
  if (!isDate(text) || !isTimeOfDay(text)) return false;
  let end = 19;
  if (text[end] === '.') {
    end++;
    while (digitsAt(text, end, 1) !== -1) end++;
    if (end === 20) return false;
  }
  return isOffset(text, end);
}

/**
 * Milliseconds since 1970 of an RFC 3339 date-time, rounded down; undefined when the text is none. A leap second is
 * the first moment of the next minute.
 */
export function timestampMs(text: string): number | undefined {
  if (!isTimestamp(text)) return undefined;
  const upper = text.toUpperCase();
  const isLeap = upper.startsWith('60', 17);
  const [, fraction = '', offset = 'Z'] = /^(?:\.(\d+))?(.*)$/.exec(upper.slice(19)) ?? [];
  const seconds = `${upper.slice(0, 17)}${isLeap ? '59' : upper.slice(17, 19)}`;
  const ms = Date.parse(`${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  return isLeap ? Math.floor(ms / 1_000) * 1_000 + 1_000 : ms;
}
