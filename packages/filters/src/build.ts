/**
 * From the YAML shape of a filter to predicates, finding every problem on the way.
 *
 * Validation and compilation are one walk, so a filter that validates compiles. The input is what came out of
 * YAML or from a program that ignores types: shapes are checked here too, and nothing throws.
 *
 * Where Knative skips a filter that it cannot use, and lets every event pass, this refuses (fail closed):
 * an empty value in `exact`, `prefix` or `suffix`, an expression that does not parse, a filter without a
 * dialect. A dialect that is present but empty counts as absent, as it does there.
 */
import { dialectReader } from './attribute.ts';
import { parseCesql } from './cesql/expression.ts';
import { CesqlParseError } from './errors.ts';
import type { Comparison, Predicate } from './predicate.ts';
import {
  allOf,
  AnyPredicate,
  CesqlPredicate,
  ComparePredicate,
  NotPredicate,
  PresentPredicate,
} from './predicate.ts';
import type { FilterProblem } from './spec.ts';

/** `all`, `any` and `not` inside each other. */
export const FILTER_DEPTH_MAX = 32;
/** Filters and attribute comparisons of one Trigger, all levels together. */
export const FILTER_PARTS_MAX = 10_000;
/** Problems reported for one Trigger; the walk ends there. */
export const PROBLEMS_MAX = 100;

const DIALECTS = ['exact', 'prefix', 'suffix', 'all', 'any', 'not', 'cesql'] as const;
type Dialect = (typeof DIALECTS)[number];

/** Knative's rule for filters (trigger_validation.go); stricter than CloudEvents, which allows a digit first. */
const ATTRIBUTE_NAME = /^[a-z][a-z0-9]*$/;

export interface BuiltFilter {
  /** Without meaning when there are problems. */
  readonly predicate: Predicate;
  readonly problems: readonly FilterProblem[];
  /** What is legal and probably not meant. */
  readonly warnings: readonly FilterProblem[];
}

/** Never throws. */
export function buildFilter(filter: unknown): BuiltFilter {
  const builder = new Builder();
  const predicate = builder.trigger(filter);
  return { predicate, problems: builder.problems, warnings: builder.warnings };
}

class Builder {
  readonly problems: FilterProblem[] = [];
  readonly warnings: FilterProblem[] = [];
  #parts = 0;

  trigger(filter: unknown): Predicate {
    if (!isRecord(filter)) {
      this.#problem('filter', invalidValue(filter), 'expected attributes or filters');
      return allOf([], 'filter');
    }
    const attributes = this.#attributes(filter['attributes'] ?? {});
    const filters = this.#list(filter['filters'] ?? [], 'filters', 0);
    return filters.length > 0 ? allOf(filters, 'filters') : allOf(attributes, 'filter');
  }

  /** The old form: a comparison per attribute, where an empty value stands for any that is not empty. */
  #attributes(attributes: unknown): Predicate[] {
    return this.#pairs(attributes, 'filter.attributes', (name, value, path) =>
      value === ''
        ? new PresentPredicate(dialectReader(name), false, path)
        : new ComparePredicate('exact', dialectReader(name), value, path),
    );
  }

  #comparisons(dialect: Comparison, values: unknown, path: string): Predicate[] {
    return this.#pairs(values, path, (name, value, at) => {
      if (value === '') {
        this.#problem(at, invalidValue(value), 'an empty value would compare nothing');
      }
      return new ComparePredicate(dialect, dialectReader(name), value, at);
    });
  }

  #pairs(
    values: unknown,
    path: string,
    make: (name: string, value: string, path: string) => Predicate,
  ): Predicate[] {
    if (!isRecord(values)) {
      this.#problem(path, invalidValue(values), 'expected a map of attribute names to strings');
      return [];
    }
    const predicates: Predicate[] = [];
    for (const [name, value] of Object.entries(values)) {
      const at = `${path}[${name}]`;
      if (!this.#count(path)) break;
      this.#checkName(name, at);
      if (typeof value === 'string') predicates.push(make(name, value, at));
      else this.#problem(at, invalidValue(value), 'expected a string; numbers need quotes');
    }
    return predicates;
  }

  #checkName(name: string, path: string): void {
    if (ATTRIBUTE_NAME.test(name)) return;
    const details =
      'Attribute name must start with a letter and can only contain lowercase alphanumeric';
    this.#problem(path, `invalid key name ${JSON.stringify(name)}`, details);
  }

  #list(filters: unknown, path: string, depth: number): Predicate[] {
    if (!Array.isArray(filters)) {
      this.#problem(path, invalidValue(filters), 'expected a list of filters');
      return [];
    }
    const predicates: Predicate[] = [];
    for (const [index, filter] of (filters as unknown[]).entries()) {
      if (this.#isFull()) break;
      predicates.push(this.#filter(filter, `${path}[${String(index)}]`, depth));
    }
    return predicates;
  }

  #filter(filter: unknown, path: string, depth: number): Predicate {
    const nothing = allOf([], path);
    if (!this.#count(path)) return nothing;
    if (!isRecord(filter)) {
      this.#problem(path, invalidValue(filter), 'expected a filter');
      return nothing;
    }
    this.#checkMembers(filter, path);
    const [dialect, ...more] = DIALECTS.filter((name) => !isEmpty(name, filter[name]));
    if (dialect === undefined) {
      const details = `set one of ${DIALECTS.join(', ')}, with something in it`;
      this.#problem(path, 'expected exactly one, got neither', details);
      return nothing;
    }
    if (more.length > 0) {
      const message = 'multiple dialects found, filters can have only one dialect set';
      this.#problem(path, message, [dialect, ...more].join(', '));
      return nothing;
    }
    return this.#dialect(dialect, filter[dialect], `${path}.${dialect}`, depth + 1);
  }

  #dialect(dialect: Dialect, value: unknown, path: string, depth: number): Predicate {
    if (depth > FILTER_DEPTH_MAX) {
      this.#problem(path, `filters are nested deeper than ${String(FILTER_DEPTH_MAX)}`);
      return allOf([], path);
    }
    switch (dialect) {
      case 'exact':
      case 'prefix':
      case 'suffix':
        return allOf(this.#comparisons(dialect, value, path), path);
      case 'all':
        return allOf(this.#list(value, path, depth), path);
      case 'any':
        return new AnyPredicate(this.#list(value, path, depth), path);
      case 'not':
        return new NotPredicate(this.#filter(value, path, depth), path);
      case 'cesql':
        return this.#cesql(value, path);
    }
  }

  #cesql(value: unknown, path: string): Predicate {
    if (typeof value !== 'string') {
      this.#problem(path, invalidValue(value), 'expected a string');
      return allOf([], path);
    }
    try {
      const expression = parseCesql(value);
      for (const { message, line, column } of expression.warnings) {
        if (this.warnings.length < PROBLEMS_MAX)
          this.warnings.push({ path, message, line, column });
      }
      return new CesqlPredicate(expression, path);
    } catch (error) {
      if (!(error instanceof CesqlParseError)) throw error;
      const { line, column, message } = error;
      this.problems.push({ path, message: invalidValue(value), details: message, line, column });
      return allOf([], path);
    }
  }

  #checkMembers(filter: Record<string, unknown>, path: string): void {
    const known: readonly string[] = DIALECTS;
    for (const name of Object.keys(filter)) {
      if (known.includes(name)) continue;
      if (this.#isFull()) return;
      const details = name === 'sql' ? 'write cesql' : `the dialects are ${DIALECTS.join(', ')}`;
      this.#problem(`${path}.${name}`, `unknown dialect ${JSON.stringify(name)}`, details);
    }
  }

  /** False, with one problem, from the first part too many on. */
  #count(path: string): boolean {
    this.#parts += 1;
    if (this.#parts === FILTER_PARTS_MAX + 1) {
      this.#problem(path, `the filter has more than ${String(FILTER_PARTS_MAX)} parts`);
    }
    return !this.#isFull();
  }

  #isFull(): boolean {
    return this.#parts > FILTER_PARTS_MAX || this.problems.length >= PROBLEMS_MAX;
  }

  #problem(path: string, message: string, details?: string): void {
    this.problems.push(details === undefined ? { path, message } : { path, message, details });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Absent, or nothing in it. What `not` holds is a filter, and judged as one. */
function isEmpty(dialect: Dialect, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return dialect !== 'not' && isRecord(value) && Object.keys(value).length === 0;
}

const SHOWN_CHARS_MAX = 200;

function invalidValue(value: unknown): string {
  if (Array.isArray(value)) return 'invalid value: [...]';
  if (typeof value === 'object' && value !== null) return 'invalid value: {...}';
  const text = String(value);
  const shown = text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
  return `invalid value: ${shown}`;
}
