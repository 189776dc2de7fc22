/** Durations as kubectl shows ages: the largest unit, and the next one while that is worth saying. */

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** The text for a span; the steps and bounds are those of `duration.HumanDuration` of apimachinery. */
export function humanDuration(ms: number): string {
  // A clock that is a little behind is not worth a word; one that is wrong is.
  const seconds = Math.trunc(ms / 1_000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * MINUTE) return `${String(seconds)}s`;
  if (seconds < 10 * MINUTE) return two(seconds, { unit: MINUTE, name: 'm', rest: 'seconds' });
  if (seconds < 3 * HOUR) return one(seconds, MINUTE, 'm');
  if (seconds < 8 * HOUR) return two(seconds, { unit: HOUR, name: 'h', rest: 'minutes' });
  if (seconds < 2 * DAY) return one(seconds, HOUR, 'h');
  if (seconds < 8 * DAY) return two(seconds, { unit: DAY, name: 'd', rest: 'hours' });
  if (seconds < 2 * YEAR) return one(seconds, DAY, 'd');
  if (seconds < 8 * YEAR) return two(seconds, { unit: YEAR, name: 'y', rest: 'days' });
  return one(seconds, YEAR, 'y');
}

const RESTS = {
  seconds: { unit: SECOND, name: 's' },
  minutes: { unit: MINUTE, name: 'm' },
  hours: { unit: HOUR, name: 'h' },
  days: { unit: DAY, name: 'd' },
} as const;

function one(seconds: number, unit: number, name: string): string {
  return `${String(Math.floor(seconds / unit))}${name}`;
}

function two(
  seconds: number,
  form: { readonly unit: number; readonly name: string; readonly rest: keyof typeof RESTS },
): string {
  const { unit, name } = RESTS[form.rest];
  const rest = Math.floor((seconds % form.unit) / unit);
  const whole = one(seconds, form.unit, form.name);
  return rest === 0 ? whole : `${whole}${String(rest)}${name}`;
}
