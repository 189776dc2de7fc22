/**
 * JSONPath as kubectl and kube-apiserver have it: what the steps of a path find in a JSON value. Paths are read by
 * `json-path-reader.ts`. Pure, and bounded in the number of values that one evaluation may look at: paths come from
 * users, and so do the objects they are used on.
 *
 * Differences to other dialects that matter: `@` and `$` both mean the value at hand; a field that is missing gives
 * nothing, an index that is missing makes the whole path fail; comparing values of different types fails, too; and
 * `..` passes through objects and lists only. Kubernetes does not compare whole numbers with others; here they are
 * all numbers, as JSON has it. The members of an object come in the order of their names, there in any.
 */
import { jsonPathError } from '../errors.ts';
import { isRecord } from '../json-record.ts';

export type Literal = string | number | boolean;
export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' }
  | { readonly type: 'descend' }
  | { readonly type: 'slice'; readonly start: number; readonly end?: number; readonly by: number }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'union'; readonly branches: readonly Steps[] }
  | { readonly type: 'literal'; readonly value: Literal }
  | { readonly type: 'exists'; readonly path: Steps }
  | {
      readonly type: 'compare';
      readonly left: Steps;
      readonly operator: Operator;
      readonly right: Steps;
    };

/** A path: one step after the other. */
export type Steps = readonly Step[];

/** Counts what was looked at, so that `..` in a filter over a long list comes to an end. */
interface Budget {
  readonly visitsMax: number;
  visits: number;
}

/** What the path finds in a JSON value, in order. Throws a ResourcesError when it fails on it. */
export function findValues(
  path: Steps,
  root: unknown,
  { visitsMax }: { readonly visitsMax: number },
): readonly unknown[] {
  return evaluate(path, root, { visitsMax, visits: 0 });
}

function evaluate(path: Steps, root: unknown, budget: Budget): readonly unknown[] {
  let found: readonly unknown[] = [root];
  for (const step of path) {
    spend(budget, found.length);
    // A literal stands for itself, whatever was found before it.
    if (step.type === 'literal') found = [step.value];
    else found = found.flatMap((value) => stepInto(step, value, budget));
  }
  spend(budget, found.length);
  return found;
}

function stepInto(
  step: Exclude<Step, { type: 'literal' }>,
  value: unknown,
  budget: Budget,
): readonly unknown[] {
  switch (step.type) {
    case 'field':
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'wildcard':
      return childrenOf(value);
    case 'descend':
      return withDescendants(value, budget);
    case 'slice':
      return value === null ? [] : sliced(listAt(value), step);
    case 'index':
      return value === null ? [] : [itemAt(listAt(value), step.index)];
    case 'union':
      return step.branches.flatMap((branch) => evaluate(branch, value, budget));
    case 'exists':
      return listAt(value).filter((item) => evaluate(step.path, item, budget).length > 0);
    case 'compare':
      return listAt(value).filter((item) => passes(step, item, budget));
  }
}

/** The path is well-formed, and does not fit the value. */
function failure(why: string): Error {
  return jsonPathError(`jsonpath: ${why}`);
}

function spend(budget: Budget, visits: number): void {
  budget.visits += visits;
  if (budget.visits > budget.visitsMax) {
    throw failure(`it looks at more than ${String(budget.visitsMax)} values`);
  }
}

function listAt(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw failure(`no list to look into: ${typeWord(value)}`);
  return value as readonly unknown[];
}

function typeWord(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (!isRecord(value)) return [];
  const names = Object.keys(value).sort();
  return names.map((name) => value[name]);
}

/** The value and everything below it that can have members. */
function withDescendants(value: unknown, budget: Budget): unknown[] {
  const children = childrenOf(value);
  spend(budget, children.length);
  if (children.length === 0) return [];
  return [value, ...children.flatMap((child) => withDescendants(child, budget))];
}

function sliced(list: readonly unknown[], step: Step & { type: 'slice' }): readonly unknown[] {
  const { length } = list;
  const start = step.start < 0 ? step.start + length : step.start;
  const end = step.end === undefined ? length : step.end < 0 ? step.end + length : step.end;
  if (start === end) return [];
  if (start < 0 || start >= length) throw outOfBounds(start, length);
  if (end < 0 || end > length) throw outOfBounds(end - 1, length);
  if (start > end) {
    throw failure(`starting index ${String(start)} is greater than ending index ${String(end)}`);
  }
  if (step.by <= 0) throw failure('step must be > 0');
  return list.slice(start, end).filter((_item, index) => index % step.by === 0);
}

function itemAt(list: readonly unknown[], index: number): unknown {
  const at = index < 0 ? index + list.length : index;
  if (at < 0 || at >= list.length) throw outOfBounds(at, list.length);
  return list[at];
}

function outOfBounds(index: number, length: number): Error {
  return failure(`array index out of bounds: index ${String(index)}, length ${String(length)}`);
}

function passes(step: Step & { type: 'compare' }, item: unknown, budget: Budget): boolean {
  const left = operandValue(step.left, item, budget);
  const right = operandValue(step.right, item, budget);
  return left !== undefined && right !== undefined && holds(left, step.operator, right);
}

/** The one value of an operand; undefined where there is none. */
function operandValue(operand: Steps, item: unknown, budget: Budget): unknown {
  const values = evaluate(operand, item, budget);
  if (values.length > 1) throw failure('can only compare one element at a time');
  return values[0];
}

function isLiteral(value: unknown): value is Literal {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function holds(left: unknown, operator: Operator, right: unknown): boolean {
  if (!isLiteral(left) || !isLiteral(right) || typeof left !== typeof right) {
    throw failure('incompatible types for comparison');
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

function isLess(left: Literal, right: Literal): boolean {
  if (typeof left === 'boolean') throw failure('invalid type for comparison');
  return left < right;
}
