/**
 * The part of kubectl's JSONPath dialect that people type: text with `{…}` in it, and inside the braces
 *
 *     .a.b  ['a']  $  @        a field; a dot in its name is written \.
 *     [0]  [-1]  [0:2]  [*]    items of a list, or all values of a map
 *     [?(@.type=="Ready")]     items for which a field has a value (==, !=, <, <=, >, >=), or is there
 *     "text"  'text'           text, with \n and \t
 *     {range …} … {end}        the part between, for each
 *
 * A missing field is nothing, as in kubectl; an index beyond the list is an error. Recursive descent (`..`), unions
 * and functions are refused by name. Pure: a template is parsed once and applied to values.
 */
import { usageError } from '../errors.ts';

/** Longest template. */
const TEMPLATE_LENGTH_MAX = 10_000;

type Step =
  | { readonly do: 'field'; readonly name: string }
  | { readonly do: 'index'; readonly index: number }
  | { readonly do: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly do: 'all' }
  | { readonly do: 'filter'; readonly path: readonly Step[]; readonly test: Test | undefined };

interface Test {
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=';
  readonly value: string | number | boolean | null;
}

type Part =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'path'; readonly steps: readonly Step[] }
  | { readonly is: 'range'; readonly steps: readonly Step[]; readonly parts: readonly Part[] };

/** A template that can be applied to values. */
export type JsonPath = readonly Part[];

/** Reads a template such as `{.metadata.name}{"\n"}`. Throws a usage error that says what is not understood. */
export function parseJsonPath(template: string): JsonPath {
  if (template.length > TEMPLATE_LENGTH_MAX) {
    throw usageError(`a jsonpath may have ${String(TEMPLATE_LENGTH_MAX)} characters`);
  }
  return readParts(new Reader(template), false);
}

/** Reads a path without braces, as custom columns have it, with or without the leading dot. */
export function parsePath(text: string): JsonPath {
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  const path = /^[.[$@]/.test(inner) ? inner : `.${inner}`;
  return parseJsonPath(`{${path}}`);
}

/** The text that a template makes of a value. */
export function jsonPathText(path: JsonPath, value: unknown): string {
  return path.map((part) => partText(part, value)).join('');
}

/** What a template's only path finds; several values where it has a `*`, a slice or a filter. */
export function jsonPathValues(path: JsonPath, value: unknown): readonly unknown[] {
  return path.flatMap((part) => (part.is === 'path' ? walk(part.steps, value) : []));
}

function partText(part: Part, value: unknown): string {
  switch (part.is) {
    case 'text':
      return part.text;
    case 'path':
      return walk(part.steps, value).map(shown).join(' ');
    case 'range':
      return walk(part.steps, value)
        .map((item) => part.parts.map((inner) => partText(inner, item)).join(''))
        .join('');
  }
}

/** A value as kubectl prints it inside text. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : goJson(value);
}

/** JSON as Go writes it: sorted, and with the characters escaped that HTML would read. */
export function goJson(value: unknown, indent?: number): string {
  return JSON.stringify(sorted(value), undefined, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A copy with the keys of all maps in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function walk(steps: readonly Step[], start: unknown): readonly unknown[] {
  let values: readonly unknown[] = [start];
  for (const step of steps) values = values.flatMap((value) => take(step, value));
  return values;
}

function take(step: Step, value: unknown): readonly unknown[] {
  switch (step.do) {
    case 'field':
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'index':
      return takeIndex(step.index, value);
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from, step.to) : [];
    case 'all':
      if (Array.isArray(value)) return value;
      return isRecord(value) ? Object.values(sorted(value) as object) : [];
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => passes(step, item)) : [];
  }
}

function takeIndex(index: number, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  const at = index < 0 ? value.length + index : index;
  if (at in value) return [value[at]];
  throw usageError(
    `jsonpath: array index out of bounds: index ${String(index)}, length ${String(value.length)}`,
  );
}

function passes({ path, test }: Extract<Step, { do: 'filter' }>, item: unknown): boolean {
  const values = walk(path, item);
  if (test === undefined) return values.length > 0;
  const [left] = values;
  return values.length > 0 && compare(left, test);
}

function compare(left: unknown, { operator, value: right }: Test): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const isOrdered =
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string');
  if (!isOrdered) return false;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text with a place in it. */
class Reader {
  readonly template: string;
  position = 0;

  constructor(template: string) {
    this.template = template;
  }

  get isAtEnd(): boolean {
    return this.position >= this.template.length;
  }

  /** What the pattern, which must be sticky, finds here; the place moves behind it. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.template);
    if (found === null) return undefined;
    this.position = pattern.lastIndex;
    return found;
  }

  refuse(what: string): Error {
    return usageError(
      `jsonpath ${JSON.stringify(this.template)}: ${what} at character ${String(this.position + 1)}`,
    );
  }
}

function readParts(reader: Reader, isInRange: boolean): readonly Part[] {
  const parts: Part[] = [];
  while (!reader.isAtEnd) {
    const text = reader.match(/[^{]+/y);
    if (text !== undefined) parts.push({ is: 'text', text: text[0] });
    if (reader.match(/\{\s*/y) === undefined) continue;
    if (reader.match(/end\s*\}/y) !== undefined) {
      if (isInRange) return parts;
      throw reader.refuse('{end} without {range}');
    }
    if (reader.match(/range\s+/y) === undefined) {
      parts.push(...readAction(reader));
      continue;
    }
    const steps = readSteps(reader);
    close(reader);
    parts.push({ is: 'range', steps, parts: readParts(reader, true) });
  }
  if (isInRange) throw reader.refuse('{range} without {end}');
  return parts;
}

/** Paths and texts up to the closing brace. */
function readAction(reader: Reader): readonly Part[] {
  const parts: Part[] = [];
  while (reader.match(/\s*\}/y) === undefined) {
    reader.match(/\s+/y);
    const text = readText(reader);
    if (text !== undefined) parts.push({ is: 'text', text });
    else parts.push({ is: 'path', steps: readSteps(reader) });
  }
  return parts;
}

function close(reader: Reader): void {
  if (reader.match(/\s*\}/y) === undefined) throw reader.refuse('expected }');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** A text in quotes; undefined where there is none. */
function readText(reader: Reader): string | undefined {
  const quoted = reader.match(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy);
  const inner = quoted?.[1] ?? quoted?.[2];
  return inner?.replace(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character);
}

function readSteps(reader: Reader): readonly Step[] {
  const steps: Step[] = [];
  const start = reader.match(/[$@]/y);
  for (let step = readStep(reader); step !== undefined; step = readStep(reader)) steps.push(step);
  if (steps.length > 0 || start !== undefined) return steps;
  // A dot alone is the value itself.
  if (reader.match(/\./y) !== undefined) return [];
  throw reader.refuse(reader.isAtEnd ? 'unclosed {' : 'expected a path such as .metadata.name');
}

function readStep(reader: Reader): Step | undefined {
  if (reader.match(/\.\./y) !== undefined) {
    throw reader.refuse('recursive descent (..) is not supported');
  }
  if (reader.match(/\.?\[/y) !== undefined) return readBracket(reader);
  if (reader.match(/\.\*/y) !== undefined) return { do: 'all' };
  const field = reader.match(/\.((?:[^\s.[\]{}()'"\\,=!<>$@*|&]|\\.)+)/y);
  const name = field?.[1]?.replace(/\\(.)/g, '$1');
  return name === undefined ? undefined : { do: 'field', name };
}

function readBracket(reader: Reader): Step {
  const step = readInBracket(reader);
  if (reader.match(/\s*\]/y) !== undefined) return step;
  throw reader.refuse(
    reader.match(/\s*,/y) === undefined ? 'expected ]' : 'several in [ ] are not supported',
  );
}

function readInBracket(reader: Reader): Step {
  if (reader.match(/\s*\?\(\s*/y) !== undefined) return readFilter(reader);
  if (reader.match(/\s*\*/y) !== undefined) return { do: 'all' };
  const name = readText(reader);
  if (name !== undefined) return { do: 'field', name };
  const slice = reader.match(/\s*(-?\d+)?\s*:\s*(-?\d+)?/y);
  if (slice !== undefined) {
    const number = (text: string | undefined): number | undefined =>
      text === undefined ? undefined : Number(text);
    return { do: 'slice', from: number(slice[1]), to: number(slice[2]) };
  }
  const index = reader.match(/\s*(-?\d+)/y);
  if (index !== undefined) return { do: 'index', index: Number(index[1]) };
  throw reader.refuse('expected an index, a name in quotes, * or ?( )');
}

function readFilter(reader: Reader): Step {
  if (reader.match(/@/y) === undefined) throw reader.refuse('a filter begins with @');
  reader.position -= 1;
  const path = readSteps(reader);
  const operator = reader.match(/\s*(==|!=|<=|>=|<|>)\s*/y)?.[1] as Test['operator'] | undefined;
  const test = operator === undefined ? undefined : { operator, value: readLiteral(reader) };
  if (reader.match(/\s*\)/y) === undefined) {
    throw reader.refuse('a filter compares one field with one value');
  }
  return { do: 'filter', path, test };
}

function readLiteral(reader: Reader): Test['value'] {
  const text = readText(reader);
  if (text !== undefined) return text;
  const word = reader.match(/-?\d+(\.\d+)?|true|false|null/y)?.[0];
  if (word === undefined) throw reader.refuse('expected a text in quotes, a number, true or false');
  return JSON.parse(word) as Test['value'];
}
