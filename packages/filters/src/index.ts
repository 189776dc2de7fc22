export { compileFilter, filterWarnings, validateFilter } from './compile.ts';
export type { CompiledFilter } from './compile.ts';
export { evaluateCesql, parseCesql } from './cesql/expression.ts';
export type {
  CesqlError,
  CesqlExpression,
  CesqlResult,
  CesqlWarning,
  EvaluateOptions,
} from './cesql/expression.ts';
export type { CesqlBudget, CesqlErrorKind } from './cesql/run.ts';
export { CesqlParseError, FilterInvalidError, FiltersError } from './errors.ts';
export type { FiltersErrorCode } from './errors.ts';
export { FilterIndex } from './matching/filter-index.ts';
export type { FilterIndexDescription } from './matching/filter-index.ts';
export type { Decision } from './predicate.ts';
export type { FilterProblem, FilterSpec, TriggerFilter } from './spec.ts';
