/**
 * Reads kubectl's JSONPath templates: text with `{…}` in it, and inside the braces
 *
 *     .a.b  ['a']  $  @        a field; a dot in its name is written \.
 *     [0]  [-1]  [0:2]  [::2]  items of a list
 *     [0,2]  ['a','b']         several of them
 *     .*  [*]                  all values of a list; .* also those of an object
 *     ..                       the value and all below it
 *     [?(@.type=="Ready")]     items for which a field has a value (==, !=, <, <=, >, >=), or is there
 *     "text"  5  true          itself
 *     {range …} … {end}        the part between, for each
 *
 * White space is allowed in more places than there. Names without a dot (kubectl finds out when it runs them),
 * ranges without an end and double quotes in brackets are refused. Pure; how long a template may be is a bound.
 */
import { jsonPathError } from '../errors.ts';
import type { Literal, Operator, Step, Steps } from './json-path.ts';

export type JsonPathPart =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'path'; readonly steps: Steps }
  | { readonly is: 'range'; readonly steps: Steps; readonly parts: JsonPath };

/** A template that was read. */
export type JsonPath = readonly JsonPathPart[];

/** Reads a template such as `{.metadata.name}{"\n"}`. Throws a ResourcesError that says what is not understood. */
export function parseJsonPath(
  template: string,
  { lengthMax }: { readonly lengthMax: number },
): JsonPath {
  if (template.length > lengthMax) {
    throw jsonPathError(`a jsonpath may have ${String(lengthMax)} characters`);
  }
  return new Reader(template).parts(false);
}

const OPERATORS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const FILTER = /^([^!<>=]+)([!<>=]+)(.+)$/su;
const QUOTED_KEY = /^\s*'([^']*)'\s*$/u;
const SLICE = /^(-?\d{1,15})?(?::(-?\d{1,15})?)?(?::(-?\d{1,15})?)?$/u;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function isOperator(text: string): text is Operator {
  return OPERATORS.has(text);
}

/** A template, or a stretch of it, with a place in it. */
class Reader {
  readonly #template: string;
  /** The template up to the end of the stretch. */
  readonly #text: string;
  #at: number;

  constructor(template: string, from = 0, end = template.length) {
    this.#template = template;
    this.#text = template.slice(0, end);
    this.#at = from;
  }

  /** Text and actions, up to the end of the template or of the range. */
  parts(isInRange: boolean): JsonPath {
    const parts: JsonPathPart[] = [];
    while (!this.#isAtEnd) {
      const text = this.#match(/[^{]+/y)?.[0];
      if (text !== undefined) parts.push({ is: 'text', text });
      if (this.#match(/\{\s*/y) === undefined) continue;
      if (this.#match(/end\s*\}/y) !== undefined) {
        if (isInRange) return parts;
        throw this.#refusal('{end} without {range}');
      }
      const isRange = this.#match(/range(?=[\s.[$@])/y) !== undefined;
      const steps = this.#steps();
      if (this.#match(/\}/y) === undefined) throw this.#refusal('unclosed {');
      if (isRange) parts.push({ is: 'range', steps, parts: this.parts(true) });
      else parts.push({ is: 'path', steps });
    }
    if (isInRange) throw this.#refusal('{range} without {end}');
    return parts;
  }

  get #isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** What the pattern, which must be sticky, finds here; the place moves behind it. */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #refusal(what: string): Error {
    return jsonPathError(
      `jsonpath ${JSON.stringify(this.#template)}: ${what} at character ${String(this.#at + 1)}`,
    );
  }

  /** Up to the closing brace, which stays, or the end. */
  #steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      this.#match(/[\s$@]+/y);
      if (this.#isAtEnd || this.#text.startsWith('}', this.#at)) return steps;
      steps.push(...this.#step(steps.at(-1)));
    }
  }

  /** A stretch that is nothing but steps. */
  #stepsOf(from: number, end: number): Step[] {
    const reader = new Reader(this.#template, from, end);
    const steps = reader.#steps();
    if (!reader.#isAtEnd) throw reader.#refusal('unexpected }');
    return steps;
  }

  #step(before: Step | undefined): Step[] {
    if (this.#match(/\.\./y) !== undefined) {
      if (before?.type === 'descend') throw this.#refusal('.. after ..');
      const isField = /^[\p{L}\p{N}_]/u.test(this.#text.slice(this.#at, this.#at + 2));
      return isField ? [{ type: 'descend' }, this.#field()] : [{ type: 'descend' }];
    }
    if (this.#match(/\./y) !== undefined) return [this.#field()];
    if (this.#match(/\[\?\(/y) !== undefined) return [this.#filter()];
    if (this.#match(/\[/y) !== undefined) return this.#bracket();
    const value = this.#literal();
    if (value === undefined) throw this.#refusal('expected a path such as .metadata.name');
    return [{ type: 'literal', value }];
  }

  #field(): Step {
    const name = this.#match(/(?:\\.|[^\s.,[\]$@{}\\])*/uy)?.[0] ?? '';
    return name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') };
  }

  #literal(): Literal | undefined {
    const quoted = this.#match(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy);
    const text = quoted?.[1] ?? quoted?.[2];
    if (text !== undefined) {
      return text.replace(/\\(.)/gsu, (_, character: string) => ESCAPES[character] ?? character);
    }
    const word = this.#match(/(?:true|false|[+-]?\d+(?:\.\d+)?)(?![\w.])/y)?.[0];
    if (word === 'true' || word === 'false') return word === 'true';
    return word === undefined ? undefined : Number(word);
  }

  /** What stands in brackets and is no filter: `0`, `1:3`, `*`, `'key'`, or several of them between commas. */
  #bracket(): Step[] {
    const end = this.#text.indexOf(']', this.#at);
    if (end < 0) throw this.#refusal('expected ]');
    const branches: Step[][] = [];
    for (const text of this.#text.slice(this.#at, end).split(',')) {
      branches.push(this.#inBrackets(text));
      this.#at += text.length + 1;
    }
    const [only = [], ...more] = branches;
    return more.length === 0 ? only : [{ type: 'union', branches }];
  }

  #inBrackets(text: string): Step[] {
    const bare = text.trim();
    if (bare === '*') return [{ type: 'slice', start: 0, by: 1 }];
    const key = QUOTED_KEY.exec(text)?.[1];
    if (key !== undefined) {
      const from = this.#at + text.indexOf("'") + 1;
      // A quoted key is read as a field, so dots in it are escaped there, too.
      const reader = new Reader(this.#template, from, from + key.length);
      return [reader.#field(), ...this.#stepsOf(reader.#at, from + key.length)];
    }
    const [match, first, second, third] = SLICE.exec(bare) ?? [];
    if (match === undefined || match === '') {
      throw this.#refusal("expected an index, a name in '', * or ?( )");
    }
    const start = Number(first ?? 0);
    if (!match.includes(':')) return [{ type: 'index', index: start }];
    const end = second === undefined ? {} : { end: Number(second) };
    return [{ type: 'slice', start, ...end, by: Number(third ?? 1) }];
  }

  #filter(): Step {
    const from = this.#at;
    const end = this.#filterEnd();
    const match = FILTER.exec(this.#text.slice(from, end));
    this.#at = end + 1;
    if (this.#match(/\s*\]/y) === undefined) throw this.#refusal('expected ]');
    if (match === null) return { type: 'exists', path: this.#stepsOf(from, end) };
    const [, left = '', operator = '', right = ''] = match;
    if (!isOperator(operator)) throw this.#refusal(`there is no operator ${operator}`);
    return {
      type: 'compare',
      left: this.#stepsOf(from, from + left.length),
      operator,
      right: this.#stepsOf(end - right.length, end),
    };
  }

  /** Where the filter that begins here ends: at the first `)` outside quotes. */
  #filterEnd(): number {
    const inner = this.#match(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^)"'])*/sy)?.[0] ?? '';
    const end = this.#at;
    this.#at -= inner.length;
    if (!this.#text.startsWith(')', end)) throw this.#refusal('a filter without )');
    return end;
  }
}
