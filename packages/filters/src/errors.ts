/** Every error this package raises. All are the user's to repair; none is worth a retry. */
import { AffluxError } from '@afflux/kernel';
import type { FilterProblem } from './spec.ts';

export type FiltersErrorCode = 'AFFLUX_FILTERS_INVALID' | 'AFFLUX_FILTERS_CESQL_PARSE';

/** Base of the errors of this package. */
export class FiltersError extends AffluxError<FiltersErrorCode> {}

/** A filter that cannot be compiled. `problems` holds all of them, as `validateFilter` lists them. */
export class FilterInvalidError extends FiltersError {
  readonly problems: readonly FilterProblem[];

  constructor(problems: readonly FilterProblem[]) {
    super(`the filter is not valid: ${problems.map(problemText).join('; ')}`, {
      code: 'AFFLUX_FILTERS_INVALID',
      fault: 'user',
      details: { problems },
    });
    this.problems = problems;
  }
}

/** An expression that is not CESQL. The position is the first character that cannot be understood. */
export class CesqlParseError extends FiltersError {
  /** What is wrong, without the position. */
  readonly reason: string;
  /** Counted from 1. */
  readonly line: number;
  /** In characters (code points), counted from 1. */
  readonly column: number;

  constructor(reason: string, position: { readonly line: number; readonly column: number }) {
    const { line, column } = position;
    super(`line ${String(line)}, column ${String(column)}: ${reason}`, {
      code: 'AFFLUX_FILTERS_CESQL_PARSE',
      fault: 'user',
      details: { line, column },
    });
    this.reason = reason;
    this.line = line;
    this.column = column;
  }
}

function problemText({ path, message, details }: FilterProblem): string {
  return details === undefined ? `${path}: ${message}` : `${path}: ${message} (${details})`;
}
