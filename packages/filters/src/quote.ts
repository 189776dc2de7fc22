/** Values in messages: text in quotes, control characters escaped, and never longer than a line. */

const SHOWN_CHARS_MAX = 60;

export function quote(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const shown = value.length > SHOWN_CHARS_MAX ? `${value.slice(0, SHOWN_CHARS_MAX)}…` : value;
  return JSON.stringify(shown);
}
