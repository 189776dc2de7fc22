/**
 * The JSONPath of printer columns: the part of kubectl's dialect that gets by without its loops. It is used on
 * objects and columns that users wrote, so a path is bounded in length and in the number of values it may look at,
 * and nothing here throws: a path that cannot be read is undefined, one that fails on an object has no result.
 *
 * Differences to other dialects that matter: `@` and `$` both mean the value at hand; a field that is missing gives
 * nothing, an index that is missing makes the whole path fail; comparing values of different types fails, too; and
 * `..` passes through objects and lists only. kube-apiserver does not compare whole numbers with others; here they are
 * all numbers, as JSON has it.
 */

/** Longest path that is read. */
export const JSON_PATH_LENGTH_MAX = 1024;
/** Most values that one evaluation may look at. */
export const JSON_PATH_VISITS_MAX = 10_000;

type Literal = string | number | boolean;
type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';
type Operand = { readonly literal: Literal } | { readonly path: JsonPath };

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' }
  | { readonly type: 'descend' }
  | { readonly type: 'slice'; readonly start: number; readonly end?: number; readonly by: number }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'union'; readonly branches: readonly JsonPath[] }
  | { readonly type: 'exists'; readonly path: JsonPath }
  | {
      readonly type: 'compare';
      readonly left: Operand;
      readonly operator: Operator;
      readonly right: Operand;
    };

/** A path that was read; see {@link parseJsonPath}. */
export type JsonPath = readonly Step[];

/** Says that the path cannot be read, or fails on this object. Never leaves this file. */
class PathFailure extends Error {}

// ---- reading ----

const FIELD = /(?:\\.|[^\s.,[\]$@{}\\])*/uy;
const QUOTED_KEY = /^'([^']*)'$/u;
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/u;
const FILTER = /^([^!<>=]+)([!<>=]+)(.+)$/u;
const OPERATORS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

function isOperator(text: string): text is Operator {
  return OPERATORS.has(text);
}

function fieldStep(name: string): Step {
  return name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') };
}

function numberOf(text: string | undefined): number | undefined {
  const digits = text?.startsWith(':') === true ? text.slice(1) : text;
  return digits === undefined || digits === '' ? undefined : Number(digits);
}

function sliceStep(text: string): Step {
  const match = SLICE.exec(text);
  if (match === null || text === '' || text === '-') throw new PathFailure();
  const [, first, second, third] = match;
  const start = numberOf(first) ?? 0;
  if (second === undefined) return { type: 'index', index: start };
  const end = numberOf(second);
  return { type: 'slice', start, by: numberOf(third) ?? 1, ...(end === undefined ? {} : { end }) };
}

/** What stands in brackets and is no filter: `0`, `1:3`, `*`, `'key'`, or several of them between commas. */
function bracketSteps(text: string): Step[] {
  if (text === '*') return [{ type: 'slice', start: 0, by: 1 }];
  const parts = text.split(',');
  if (parts.length > 1) {
    return [{ type: 'union', branches: parts.map((part) => bracketSteps(part.trim())) }];
  }
  const key = QUOTED_KEY.exec(text)?.[1];
  // A quoted key is read as a field, so dots in it are escaped there, too.
  return key === undefined ? [sliceStep(text)] : readSteps(`.${key}`);
}

function operandOf(text: string): Operand {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1$/su.exec(trimmed)?.[2];
  if (quoted !== undefined) return { literal: quoted.replace(/\\(.)/gsu, '$1') };
  if (trimmed === 'true' || trimmed === 'false') return { literal: trimmed === 'true' };
  if (/^[+-]?\d+(?:\.\d+)?$/u.test(trimmed)) return { literal: Number(trimmed) };
  return { path: readSteps(trimmed) };
}

function filterStep(text: string): Step {
  const match = FILTER.exec(text);
  if (match === null) return { type: 'exists', path: readSteps(text.trim()) };
  const [, left = '', operator = '', right = ''] = match;
  if (!isOperator(operator)) throw new PathFailure();
  return { type: 'compare', left: operandOf(left), operator, right: operandOf(right) };
}

/** Where the filter that begins at `from` ends: at the first `)` outside quotes. */
function filterEnd(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && character === ')') return at;
    if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote && text.charAt(at - 1) !== '\\') quote = '';
  }
  throw new PathFailure();
}

function readSteps(text: string): Step[] {
  const steps: Step[] = [];
  let at = 0;
  const readField = (): void => {
    FIELD.lastIndex = at;
    const name = FIELD.exec(text)?.[0] ?? '';
    at += name.length;
    steps.push(fieldStep(name));
  };
  while (at < text.length) {
    const character = text.charAt(at);
    // The end of the expression; kubectl would print text and further expressions behind it.
    if (character === '}') break;
    if (/[\s@$]/u.test(character)) at += 1;
    else if (text.startsWith('..', at)) {
      if (steps.at(-1)?.type === 'descend') throw new PathFailure();
      steps.push({ type: 'descend' });
      at += 2;
      if (/[\w]/u.test(text.charAt(at))) readField();
    } else if (character === '.') {
      at += 1;
      readField();
    } else if (text.startsWith('[?(', at)) {
      const end = filterEnd(text, at + 3);
      if (text.charAt(end + 1) !== ']') throw new PathFailure();
      steps.push(filterStep(text.slice(at + 3, end)));
      at = end + 2;
    } else if (character === '[') {
      const end = text.indexOf(']', at);
      if (end < 0) throw new PathFailure();
      steps.push(...bracketSteps(text.slice(at + 1, end)));
      at = end + 1;
    } else throw new PathFailure();
  }
  return steps;
}

/** Reads a path; undefined when it is none, or too long. Never throws. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (text.length > JSON_PATH_LENGTH_MAX) return undefined;
  return unlessFailed(() => readSteps(text));
}

function unlessFailed<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof PathFailure) return undefined;
    throw error;
  }
}

// ---- evaluating ----

/** Counts what was looked at, so that `..` in a filter over a long list comes to an end. */
interface Budget {
  visits: number;
}

type Members = Readonly<Record<string, unknown>>;

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listAt(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new PathFailure();
  return value as readonly unknown[];
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  return isMembers(value) ? Object.values(value) : [];
}

function sliced(list: readonly unknown[], step: Step & { type: 'slice' }): readonly unknown[] {
  const { length } = list;
  const start = step.start < 0 ? step.start + length : step.start;
  const end = step.end === undefined ? length : step.end < 0 ? step.end + length : step.end;
  if (start === end) return [];
  if (start < 0 || start >= length || end > length || start > end || step.by <= 0) {
    throw new PathFailure();
  }
  return list.slice(start, end).filter((_item, index) => index % step.by === 0);
}

function itemAt(list: readonly unknown[], index: number): unknown {
  const at = index < 0 ? index + list.length : index;
  if (at < 0 || at >= list.length) throw new PathFailure();
  return list[at];
}

/** The value and everything below it that can have members. */
function withDescendants(value: unknown, budget: Budget): unknown[] {
  const children = childrenOf(value);
  spend(budget, children.length);
  if (children.length === 0) return [];
  return [value, ...children.flatMap((child) => withDescendants(child, budget))];
}

function spend(budget: Budget, visits: number): void {
  budget.visits += visits;
  if (budget.visits > JSON_PATH_VISITS_MAX) throw new PathFailure();
}

function isLess(left: Literal, right: Literal): boolean {
  if (typeof left === 'boolean') throw new PathFailure();
  return left < right;
}

function isLiteral(value: unknown): value is Literal {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function holds(left: unknown, operator: Operator, right: unknown): boolean {
  if (!isLiteral(left) || !isLiteral(right) || typeof left !== typeof right) {
    throw new PathFailure();
  }
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return isLess(left, right);
    case '<=':
      return left === right || isLess(left, right);
    case '>':
      return left !== right && !isLess(left, right);
    case '>=':
      return !isLess(left, right);
  }
}

/** The one value of an operand; undefined where there is none. */
function operandValue(operand: Operand, item: unknown, budget: Budget): unknown {
  if ('literal' in operand) return operand.literal;
  const values = evaluate(operand.path, [item], budget);
  if (values.length > 1) throw new PathFailure();
  return values[0];
}

function passes(step: Step & { type: 'compare' }, item: unknown, budget: Budget): boolean {
  const left = operandValue(step.left, item, budget);
  const right = operandValue(step.right, item, budget);
  return left !== undefined && right !== undefined && holds(left, step.operator, right);
}

function stepInto(step: Step, value: unknown, budget: Budget): readonly unknown[] {
  switch (step.type) {
    case 'field':
      return isMembers(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'wildcard':
      return childrenOf(value);
    case 'descend':
      return withDescendants(value, budget);
    case 'slice':
      return value === null ? [] : sliced(listAt(value), step);
    case 'index':
      return value === null ? [] : [itemAt(listAt(value), step.index)];
    case 'union':
      return step.branches.flatMap((branch) => evaluate(branch, [value], budget));
    case 'exists':
      if (value === null) return [];
      return listAt(value).filter((item) => evaluate(step.path, [item], budget).length > 0);
    case 'compare':
      return value === null ? [] : listAt(value).filter((item) => passes(step, item, budget));
  }
}

function evaluate(path: JsonPath, values: readonly unknown[], budget: Budget): readonly unknown[] {
  let found = values;
  for (const step of path) {
    spend(budget, found.length);
    found = found.flatMap((value) => stepInto(step, value, budget));
  }
  spend(budget, found.length);
  return found;
}

/** What the path finds in a JSON value, in order; undefined when it fails on it. Never throws. */
export function evaluateJsonPath(path: JsonPath, root: unknown): readonly unknown[] | undefined {
  return unlessFailed(() => evaluate(path, [root], { visits: 0 }));
}
