/**
 * One readable line per log entry, for terminals:
 *
 *     14:03:07.123 WARN  broker: delivery retried trigger=default/orders attempt=2
 *         Error: connect ECONNREFUSED 127.0.0.1:9000
 *         caused by: …
 *
 * Everything variable is quoted as JSON unless it is plain, so that no value can break out of its line or
 * speak to the terminal (control characters are escaped).
 */

const COLOURS = { error: 31, warn: 33, info: 32, debug: 36, dim: 2, bold: 1 } as const;
type Colour = keyof typeof COLOURS;

/** Shown in their own place, not as fields. */
const OWN_PLACE = new Set(['time', 'level', 'msg', 'component', 'err']);

const PLAIN = /^[\w./:@+,-]+$/;

/** C0 survives JSON as escapes already; DEL and C1 (which holds CSI) do not. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

function visible(text: string): string {
  return text.replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function paint(text: string, colour: Colour, useColour: boolean): string {
  return useColour ? `\u001b[${String(COLOURS[colour])}m${text}\u001b[0m` : text;
}

function timeOfDay(time: unknown): string {
  const date = new Date(typeof time === 'string' ? time : Number.NaN);
  if (Number.isNaN(date.getTime())) return '--:--:--.---';
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' && PLAIN.test(value) ? value : visible(JSON.stringify(value));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The error and its causes, one paragraph each, indented below the line. */
function paragraphs(error: unknown, lead = ''): string[] {
  if (!isRecord(error)) return error === undefined ? [] : [`${lead}${shown(error)}`];
  const { type, message, stack, code, cause, errors } = error;
  const head = typeof stack === 'string' ? stack.split('\n') : [`${text(type)}: ${text(message)}`];
  const codeText = typeof code === 'string' ? ` (${code})` : '';
  const [first = '', ...rest] = head.map(visible);
  return [
    `${lead}${first}${visible(codeText)}`,
    ...rest.map((line) => `  ${line.trim()}`),
    ...(Array.isArray(errors) ? errors.flatMap((one) => paragraphs(one, 'one of: ')) : []),
    ...paragraphs(cause, 'caused by: '),
  ];
}

/** Turns one JSON line of the logger into what a person reads, with a line feed at its end. */
export function prettyLine(json: string, useColour: boolean): string {
  const entry = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const level = text(entry['level']);
  const colour: Colour = level in COLOURS ? (level as Colour) : 'info';
  const component = entry['component'];
  const fields = Object.keys(entry)
    .filter((key) => !OWN_PLACE.has(key))
    .map((key) => `${paint(`${shown(key)}=`, 'dim', useColour)}${shown(entry[key])}`);
  const line = [
    paint(timeOfDay(entry['time']), 'dim', useColour),
    paint(level.toUpperCase().padEnd(5), colour, useColour),
    ...(component === undefined ? [] : [`${shown(component)}:`]),
    paint(visible(text(entry['msg'])), 'bold', useColour),
    ...fields,
  ].join(' ');
  return [line, ...paragraphs(entry['err']).map((paragraph) => `    ${paragraph}`), ''].join('\n');
}
