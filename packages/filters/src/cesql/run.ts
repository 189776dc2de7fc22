/**
 * The state of one evaluation: the first error and what is left of the budget.
 *
 * CESQL evaluation is fail-fast here: the node that fails leaves its error in the run and returns the value
 * the language designates; every enclosing node sees the error and returns the zero value of its own type
 * without computing. So one error is all there can be, it is never taken back, and no exception is thrown.
 * What an error says is put together only when somebody asks: for a filter, "the attribute is missing" is
 * the ordinary way not to match, and must cost nothing.
 */
import type { CesqlValue } from './syntax-tree.ts';

/** The kinds of error of the language. `parse` never comes out of an evaluation. */
export type CesqlErrorKind =
  | 'parse'
  | 'math'
  | 'cast'
  | 'missingFunction'
  | 'functionEvaluation'
  | 'missingAttribute'
  | 'generic';

/** What one evaluation may spend. */
export interface CesqlBudget {
  /** Nodes visited plus characters that functions and LIKE go over. Default 250,000: about 1 ms. */
  readonly stepsMax?: number;
  /** Characters (UTF-16 units) in a string that a function makes. Default 131,072. */
  readonly resultCharsMax?: number;
}

const STEPS_MAX = 250_000;
const RESULT_CHARS_MAX = 131_072;

/** A way in which one node can fail. Made once, when the expression is compiled. */
export interface Failure {
  readonly kind: CesqlErrorKind;
  readonly offset: number;
  /** `subject`: the value that was the problem, if the failure is about one. */
  readonly describe: (subject: CesqlValue | undefined) => string;
}

const OUT_OF_STEPS: Failure = {
  kind: 'generic',
  offset: 0,
  describe: () => 'the expression takes too many steps on this event',
};

const RESULT_TOO_LONG: Failure = {
  kind: 'generic',
  offset: 0,
  describe: () => 'the expression makes a string that is too long',
};

/** Reusable: `begin` starts the next evaluation. Evaluations do not nest. */
export class Run {
  failure: Failure | undefined = undefined;
  subject: CesqlValue | undefined = undefined;
  #stepsLeft = STEPS_MAX;
  #resultCharsMax = RESULT_CHARS_MAX;

  begin(budget?: CesqlBudget): void {
    this.failure = undefined;
    this.subject = undefined;
    this.#stepsLeft = budget?.stepsMax ?? STEPS_MAX;
    this.#resultCharsMax = budget?.resultCharsMax ?? RESULT_CHARS_MAX;
  }

  /** Lets go of what belongs to the event. */
  end(): void {
    this.subject = undefined;
  }

  hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** The first failure counts. */
  fail(failure: Failure, subject?: CesqlValue): void {
    if (this.failure !== undefined) return;
    this.failure = failure;
    this.subject = subject;
  }

  /** Spends steps; false, with a failure, when there are not enough. */
  spend(steps: number): boolean {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft >= 0) return true;
    this.fail(OUT_OF_STEPS);
    return false;
  }

  /** Asked before a string of this length is made; false, with a failure, when it is too long. */
  allowResult(chars: number): boolean {
    if (chars <= this.#resultCharsMax) return true;
    this.fail(RESULT_TOO_LONG);
    return false;
  }
}
