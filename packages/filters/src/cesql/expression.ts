/**
 * CESQL 1.0.0: parse once, evaluate per event.
 *
 * An expression is total: evaluating it never throws and always ends. The result is a value and, when
 * something went wrong on the way, an error beside it.
 */
import type { CloudEvent } from '@afflux/events';
import type { Evaluator } from './evaluator.ts';
import { compileNode } from './evaluator.ts';
import { findFunction } from './functions.ts';
import { parseText } from './parser.ts';
import { positionOf } from './position.ts';
import type { CesqlBudget, CesqlErrorKind } from './run.ts';
import { Run } from './run.ts';
import type { CesqlNode, CesqlValue } from './syntax-tree.ts';
import { countNodes } from './syntax-tree.ts';

/** Why a value is not to be trusted. */
export interface CesqlError {
  readonly kind: CesqlErrorKind;
  readonly message: string;
  /** Where in the expression, counted from 1. */
  readonly line?: number;
  readonly column?: number;
}

export interface CesqlResult {
  /** What the language defines, also beside an error. Numbers are int32. */
  readonly value: CesqlValue;
  readonly error: CesqlError | null;
}

export interface EvaluateOptions {
  readonly budget?: CesqlBudget;
}

/** Something legal in an expression that is probably not what was meant. */
export interface CesqlWarning {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** A parsed and compiled expression; made by {@link parseCesql}, immutable, for any number of events. */
export class CesqlExpression {
  /** As it was given. */
  readonly text: string;
  readonly warnings: readonly CesqlWarning[];
  /** @internal The tree, for the index of filters. */
  readonly root: CesqlNode;
  readonly #evaluate: Evaluator;
  readonly #nodeCount: number;
  /** Of the evaluation under way. There is one at a time: evaluation is synchronous and calls nobody back. */
  readonly #run = new Run();

  /** @internal */
  constructor(text: string) {
    const { root, warnings } = parseText(text);
    this.text = text;
    this.root = root;
    this.warnings = [...warnings, ...resultWarning(root)].map(({ message, offset }) => ({
      message,
      ...positionOf(text, offset),
    }));
    this.#evaluate = compileNode(root);
    this.#nodeCount = countNodes(root);
  }

  /** Whether an event passes: the value is the Boolean true, and there is no error. Allocates nothing. */
  passes(event: CloudEvent): boolean {
    const passes = this.#begin(event) === true && !this.#run.hasFailed();
    this.#run.end();
    return passes;
  }

  evaluate(event: CloudEvent, budget?: CesqlBudget): CesqlResult {
    const value = this.#begin(event, budget);
    const { failure, subject } = this.#run;
    if (failure === undefined) return { value, error: null };
    const message = failure.describe(subject);
    this.#run.end();
    const position = positionOf(this.text, failure.offset);
    return { value, error: { kind: failure.kind, message, ...position } };
  }

  #begin(event: CloudEvent, budget?: CesqlBudget): CesqlValue {
    const run = this.#run;
    run.begin(budget);
    // Without loops in the language, no node is visited twice: all of them are paid for at once.
    return run.spend(this.#nodeCount) ? this.#evaluate(event, run) : false;
  }
}

/**
 * Parses an expression, at most 4096 characters and 100 levels deep.
 *
 * @throws CesqlParseError with line and column; nothing else, whatever the text is.
 */
export function parseCesql(text: string): CesqlExpression {
  return new CesqlExpression(text);
}

/**
 * The value of an expression for an event, and the error if there was one. Never throws. An evaluation that
 * exceeds its budget ends with an error of kind `generic`.
 */
export function evaluateCesql(
  expression: CesqlExpression,
  event: CloudEvent,
  options: EvaluateOptions = {},
): CesqlResult {
  return expression.evaluate(event, options.budget);
}

/** A filter passes on a Boolean only, so an expression that always makes something else never passes. */
function resultWarning(root: CesqlNode): { message: string; offset: number }[] {
  if (!neverBoolean(root)) return [];
  const message = 'the expression does not make a Boolean, so as a filter it lets nothing pass';
  return [{ message, offset: root.offset }];
}

function neverBoolean(node: CesqlNode): boolean {
  switch (node.kind) {
    case 'arithmetic':
    case 'negate':
      return true;
    case 'literal':
      return typeof node.value !== 'boolean';
    case 'call':
      return typeof (findFunction(node.name, node.args.length)?.zero ?? false) !== 'boolean';
    default:
      return false;
  }
}
