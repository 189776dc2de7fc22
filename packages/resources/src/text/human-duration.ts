/**
 * Ages as `kubectl get` shows them: `5s`, `2m3s`, `3h`, `4d`, `6y334d`. The server makes these texts, not kubectl,
 * so they follow kube-apiserver's steps: the further back, the coarser, always at most two units.
 */
const SECOND_MS = 1000;
/** A clock may be this far behind the writer's before an age counts as wrong. */
const AHEAD_SECONDS_MAX = 1;

/** RFC 3339 as Go reads it; anything else is not a time. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/u;

function twoUnits(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0
    ? `${String(whole)}${unit}`
    : `${String(whole)}${unit}${String(rest)}${restUnit}`;
}

/** A length of time for people. Lengths below zero are `<invalid>`, apart from a small difference of clocks. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / SECOND_MS);
  if (seconds < -AHEAD_SECONDS_MAX) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${String(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return twoUnits(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${String(minutes)}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return twoUnits(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${String(hours)}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return twoUnits(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${String(days)}d`;
  const years = Math.floor(days / 365);
  if (years < 8) return twoUnits(years, 'y', days % 365, 'd');
  return `${String(years)}y`;
}

/** The moment that an RFC 3339 text names, in milliseconds; undefined when it names none. */
export function momentOf(text: string): number | undefined {
  const moment = RFC_3339.test(text) ? Date.parse(text.replace(',', '.')) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}

/** How long ago it was; `<unknown>` where nothing is written, `<invalid>` where no time is. */
export function ageOf(time: unknown, nowMs: number): string {
  if (typeof time !== 'string' || time === '') return '<unknown>';
  const moment = momentOf(time);
  return moment === undefined ? '<invalid>' : humanDuration(nowMs - moment);
}
