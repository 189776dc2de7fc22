/**
 * A syntax tree compiled to closures, once per expression.
 *
 * Rules that every closure keeps (CESQL 1.0.0 §3.6 and §4.1, fail-fast):
 * - operands are evaluated from left to right, each at most once;
 * - as soon as the run has a failure, the closure returns the zero value of its own type and does nothing;
 * - a closure that fails by itself records the failure and returns the value designated for it;
 * - an operand that short-circuiting skips is not evaluated, so it cannot fail.
 *
 * Failures are made here, at compile time, with the offset they are about: the way of an event through a
 * filter allocates nothing unless a function makes a string.
 */
import type { CloudEvent } from '@afflux/events';
import { quote } from '../quote.ts';
import { INT_MAX, INT_MIN, toBoolean, toInteger, toText } from './cast.ts';
import type { CallContext, CesqlFunction, ParameterType } from './functions.ts';
import { findFunction } from './functions.ts';
import type { CesqlErrorKind, Failure, Run } from './run.ts';
import type {
  ArithmeticNode,
  ArithmeticOperator,
  AttributeNode,
  CallNode,
  CesqlNode,
  CesqlValue,
  EqualityNode,
  InNode,
  LikeNode,
  LogicNode,
  OrderNode,
  OrderOperator,
  UnaryNode,
} from './syntax-tree.ts';

type Closure<T> = (event: CloudEvent, run: Run) => T;

/** Evaluates a tree; the failure, if any, is left in the run. */
export type Evaluator = Closure<CesqlValue>;

export function compileNode(node: CesqlNode): Evaluator {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'attribute':
      return attribute(node);
    case 'exists': {
      const { name } = node;
      return (event) => event.get(name) !== undefined;
    }
    case 'not':
      return not(node);
    case 'negate':
      return negate(node);
    case 'arithmetic':
      return arithmetic(node);
    case 'equality':
      return equality(node);
    case 'order':
      return order(node);
    case 'logic':
      return logic(node);
    case 'like':
      return like(node);
    case 'in':
      return membership(node);
    case 'call':
      return call(node);
  }
}

/** Boolean, Integer and String as they arrived; Binary as base64 text. A missing one is `false`, failed. */
function attribute({ name, offset }: AttributeNode): Evaluator {
  const missing = failure('missingAttribute', offset, () => `the event has no attribute ${name}`);
  return (event, run) => {
    const value = event.get(name);
    if (value === undefined) {
      run.fail(missing);
      return false;
    }
    return typeof value === 'object' ? (event.getText(name) ?? '') : value;
  };
}

function not({ operand }: UnaryNode): Closure<boolean> {
  const evaluate = booleanOf(operand);
  return (event, run) => !evaluate(event, run) && !run.hasFailed();
}

function negate({ operand, offset }: UnaryNode): Closure<number> {
  const evaluate = integerOf(operand);
  const overflow = outOfRange(offset);
  return (event, run) => {
    const value = evaluate(event, run);
    return !run.hasFailed() ? inRange(-value, run, overflow) : 0;
  };
}

function arithmetic({ operator, left, right, offset }: ArithmeticNode): Closure<number> {
  const evaluateLeft = integerOf(left);
  const evaluateRight = integerOf(right);
  const compute = ARITHMETIC[operator];
  const overflow = outOfRange(offset);
  const byZero = failure('math', offset, () => 'division by zero');
  const divides = operator === '/' || operator === '%';
  return (event, run) => {
    const a = evaluateLeft(event, run);
    if (run.hasFailed()) return 0;
    const b = evaluateRight(event, run);
    if (run.hasFailed()) return 0;
    if (divides && b === 0) {
      run.fail(byZero);
      return 0;
    }
    return inRange(compute(a, b), run, overflow);
  };
}

const ARITHMETIC: Readonly<Record<ArithmeticOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  // A product beyond 2^53 is rounded, but it stays far out of range.
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
};

/** The specification leaves overflow open; here it is a math error with the value 0. */
function inRange(value: number, run: Run, overflow: Failure): number {
  if (value > INT_MAX || value < INT_MIN) {
    run.fail(overflow);
    return 0;
  }
  // `-0` is the integer 0.
  return value | 0;
}

/** The left side is cast to the type of the right side. */
function equality({ operator, left, right, offset }: EqualityNode): Closure<boolean> {
  const evaluateLeft = compileNode(left);
  const evaluateRight = compileNode(right);
  const expected = operator === '=';
  const cast = castFailures(offset);
  return (event, run) => {
    const a = evaluateLeft(event, run);
    if (run.hasFailed()) return false;
    const b = evaluateRight(event, run);
    if (run.hasFailed()) return false;
    const isEqual = equals(a, b, run, cast);
    return !run.hasFailed() && isEqual === expected;
  };
}

/** Whether `value`, cast to the type of `like`, is the same; false, with a failure, when it cannot be cast. */
function equals(value: CesqlValue, like: CesqlValue, run: Run, cast: CastFailures): boolean {
  if (typeof like === 'string') return toText(value) === like;
  const same = typeof like === 'number' ? toInteger(value) : toBoolean(value);
  if (same === undefined) run.fail(typeof like === 'number' ? cast.integer : cast.boolean, value);
  return same === like;
}

function order({ operator, left, right }: OrderNode): Closure<boolean> {
  const evaluateLeft = integerOf(left);
  const evaluateRight = integerOf(right);
  const holds = ORDER[operator];
  return (event, run) => {
    const a = evaluateLeft(event, run);
    if (run.hasFailed()) return false;
    const b = evaluateRight(event, run);
    return !run.hasFailed() && holds(a, b);
  };
}

const ORDER: Readonly<Record<OrderOperator, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function logic({ operator, left, right }: LogicNode): Closure<boolean> {
  const evaluateLeft = booleanOf(left);
  const evaluateRight = booleanOf(right);
  switch (operator) {
    case 'AND':
      return (event, run) =>
        evaluateLeft(event, run) &&
        !run.hasFailed() &&
        evaluateRight(event, run) &&
        !run.hasFailed();
    case 'OR':
      return (event, run) => {
        const isTrue = evaluateLeft(event, run);
        if (run.hasFailed()) return false;
        return isTrue || (evaluateRight(event, run) && !run.hasFailed());
      };
    case 'XOR':
      return (event, run) => {
        const a = evaluateLeft(event, run);
        if (run.hasFailed()) return false;
        const b = evaluateRight(event, run);
        return !run.hasFailed() && a !== b;
      };
  }
}

function like({ operand, pattern, negated }: LikeNode): Closure<boolean> {
  const evaluate = compileNode(operand);
  return (event, run) => {
    const value = evaluate(event, run);
    if (run.hasFailed()) return false;
    const isMatch = pattern.matches(toText(value), run);
    return isMatch !== negated && !run.hasFailed();
  };
}

/** Each element is cast to the type of the left side. The first match ends it. */
function membership({ operand, items, negated, offset }: InNode): Closure<boolean> {
  const evaluate = compileNode(operand);
  const elements = items.map(compileNode);
  const cast = castFailures(offset);
  return (event, run) => {
    const value = evaluate(event, run);
    for (const element of elements) {
      if (run.hasFailed()) return false;
      const candidate = element(event, run);
      if (!run.hasFailed() && equals(candidate, value, run, cast)) return !negated;
    }
    return !run.hasFailed() && negated;
  };
}

function call({ name, args, offset }: CallNode): Evaluator {
  const found = findFunction(name, args.length);
  if (found === undefined) return missingFunction(name, args.length, offset);
  const evaluators = args.map((arg, index) => argument(arg, typeOfParameter(found, index)));
  return (event, run) => {
    const values: CesqlValue[] = [];
    let chars = 0;
    for (const evaluate of evaluators) {
      const value = evaluate(event, run);
      if (run.hasFailed()) return found.zero;
      if (typeof value === 'string') chars += value.length;
      values.push(value);
    }
    if (!run.spend(chars)) return found.zero;
    return found.call(new NodeContext(run, offset), values);
  };
}

function typeOfParameter(
  { parameters, rest = 'any' }: CesqlFunction,
  index: number,
): ParameterType {
  return parameters[index] ?? rest;
}

function argument(node: CesqlNode, type: ParameterType): Evaluator {
  switch (type) {
    case 'string':
      return stringOf(node);
    case 'integer':
      return integerOf(node);
    case 'boolean':
      return booleanOf(node);
    case 'any':
      return compileNode(node);
  }
}

class NodeContext implements CallContext {
  readonly #run: Run;
  readonly #offset: number;

  constructor(run: Run, offset: number) {
    this.#run = run;
    this.#offset = offset;
  }

  fail(kind: CesqlErrorKind, reason: string): void {
    this.#run.fail(failure(kind, this.#offset, () => reason));
  }

  allowResult(chars: number): boolean {
    return this.#run.allowResult(chars);
  }
}

function missingFunction(name: string, count: number, offset: number): Evaluator {
  const reason = `there is no function ${name} with ${String(count)} argument(s)`;
  const missing = failure('missingFunction', offset, () => reason);
  return (_event, run) => {
    run.fail(missing);
    return false;
  };
}

/** The node's value as a String; every value has one. After a failure the result means nothing. */
function stringOf(node: CesqlNode): Closure<string> {
  const evaluate = compileNode(node);
  return (event, run) => toText(evaluate(event, run));
}

/** The node's value as an Integer; 0, with a failure, when it cannot be cast. */
function integerOf(node: CesqlNode): Closure<number> {
  const evaluate = compileNode(node);
  const { integer } = castFailures(node.offset);
  return (event, run) => {
    const value = evaluate(event, run);
    if (typeof value === 'number') return value;
    const cast = toInteger(value);
    if (cast === undefined) run.fail(integer, value);
    return cast ?? 0;
  };
}

/** The node's value as a Boolean; false, with a failure, when it cannot be cast. */
function booleanOf(node: CesqlNode): Closure<boolean> {
  const evaluate = compileNode(node);
  const { boolean } = castFailures(node.offset);
  return (event, run) => {
    const value = evaluate(event, run);
    if (typeof value === 'boolean') return value;
    const cast = toBoolean(value);
    if (cast === undefined) run.fail(boolean, value);
    return cast ?? false;
  };
}

interface CastFailures {
  readonly integer: Failure;
  readonly boolean: Failure;
}

function castFailures(offset: number): CastFailures {
  return {
    integer: failure('cast', offset, (value) => `${quote(value ?? '')} cannot be cast to Integer`),
    boolean: failure('cast', offset, (value) => `${quote(value ?? '')} cannot be cast to Boolean`),
  };
}

function outOfRange(offset: number): Failure {
  return failure('math', offset, () => 'the result does not fit 32 bits');
}

function failure(kind: CesqlErrorKind, offset: number, describe: Failure['describe']): Failure {
  return { kind, offset, describe };
}
