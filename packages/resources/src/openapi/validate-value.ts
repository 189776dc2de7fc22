/**
 * Judges a value by a structural schema. The words for people are those of our own kinds; the causes for
 * machines are kube-apiserver's, taken from its answers to the same schema and value.
 *
 * Rules in CEL are not evaluated. Work is linear in the value, for patterns too, but for branches of `anyOf`
 * and the like, each of which looks at the value once.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ResourcesError } from '../errors.ts';
import {
  duplicateCause,
  enumCause,
  jsonType,
  logicCause,
  REQUIRED_CAUSE,
  ruleCause,
  tooLongCause,
  tooManyCause,
  typeCause,
} from '../field-cause.ts';
import type { FieldCause } from '../field-cause.ts';
import { FieldErrors, joinPath } from '../field-errors.ts';
import { isRecord, type JsonRecord } from '../json-record.ts';
import {
  alternatives,
  amountWords,
  causeText,
  expectedWords,
  foundWords,
  valueText,
} from '../schema/describe.ts';
import { hasFormat } from './formats.ts';
import { compilePattern, Pattern, type MatchBudget } from './pattern.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** Most steps of all patterns over one object. */
const PATTERN_STEPS_MAX = 16_000_000;

/** Our words for the types of JSON Schema, through those of zod. */
const TYPE_WORDS: Readonly<Record<string, string>> = { integer: 'int' };

function characterCount(text: string): number {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}

/** Whether a double is a multiple of another, as exactly as doubles go. */
function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * Number.EPSILON;
}

/** How Go prints the keys of an entry. */
function keyText(entry: JsonRecord): string {
  const pairs = Object.keys(entry)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(entry[key])}`);
  return `map[string]interface {}{${pairs.join(', ')}}`;
}

/** Patterns of one schema, compiled when they are first needed. */
export type PatternCache = Map<string, Pattern | ResourcesError>;

/** How a value is judged. */
export interface ValidateOptions {
  /** Whether messages may show values. */
  readonly mayShow: boolean;
  readonly patterns: PatternCache;
}

/** One object's check: its patterns share what time there is. */
class Validator {
  readonly #patterns: PatternCache;
  readonly #budget: MatchBudget = { steps: PATTERN_STEPS_MAX };
  readonly #mayShow: boolean;

  constructor({ patterns, mayShow }: ValidateOptions) {
    this.#patterns = patterns;
    this.#mayShow = mayShow;
  }

  check(value: unknown, schema: StructuralSchema, path: string): FieldErrors {
    const errors = new FieldErrors();
    if (!this.#checkType(value, schema, path, errors)) return errors;
    this.#checkEnum(value, schema, path, errors);
    if (value === null) return errors;
    if (typeof value === 'number') this.#checkNumber(value, schema, path, errors);
    else if (typeof value === 'string') this.#checkText(value, schema, path, errors);
    else if (Array.isArray(value)) this.#checkList(value, schema, path, errors);
    else if (isRecord(value)) this.#checkFields(value, schema, path, errors);
    this.#checkLogic(value, schema, path, errors);
    return errors;
  }

  #checkType(value: unknown, schema: StructuralSchema, path: string, errors: FieldErrors): boolean {
    const types =
      schema['x-kubernetes-int-or-string'] === true
        ? ['integer', 'string']
        : schema.type === undefined
          ? []
          : [schema.type];
    const found = jsonType(value);
    if (value === null && schema.nullable === true) return true;
    if (types.length === 0) return true;
    if (types.includes(found) || (found === 'integer' && types.includes('number'))) return true;
    const words = types.map((type) => expectedWords(TYPE_WORDS[type] ?? type)).join(' or ');
    errors.addProblem({
      message: `expected ${words}, found ${foundWords(value, this.#mayShow)}`,
      paths: [path],
      cause: typeCause(types.join(','), found),
    });
    return false;
  }

  #refuse(
    value: unknown,
    path: string,
    { details, cause }: { readonly details: string; readonly cause: FieldCause },
    errors: FieldErrors,
  ): void {
    const message = `invalid value: ${valueText(value, this.#mayShow)}`;
    errors.addProblem({ message, paths: [path], details: `expected ${details}`, cause });
  }

  #rule(value: unknown, text: string): FieldCause {
    return ruleCause(causeText(value, this.#mayShow), text);
  }

  #checkEnum(value: unknown, schema: StructuralSchema, path: string, errors: FieldErrors): void {
    const supported = schema.enum;
    if (supported === undefined || supported.some((one) => isDeepStrictEqual(one, value))) return;
    const cause = enumCause(causeText(value, this.#mayShow), supported);
    this.#refuse(value, path, { details: alternatives(supported), cause }, errors);
  }

  #checkNumber(value: number, schema: StructuralSchema, path: string, errors: FieldErrors): void {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
    const refuse = (details: string, rule: string): void => {
      this.#refuse(value, path, { details, cause: this.#rule(value, rule) }, errors);
    };
    if (minimum !== undefined && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
      const bound = String(minimum);
      if (exclusiveMinimum === true) {
        refuse(`a number above ${bound}`, `should be greater than ${bound}`);
      } else refuse(`a number of at least ${bound}`, `should be greater than or equal to ${bound}`);
    }
    if (maximum !== undefined && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
      const bound = String(maximum);
      if (exclusiveMaximum === true) {
        refuse(`a number below ${bound}`, `should be less than ${bound}`);
      } else refuse(`a number of at most ${bound}`, `should be less than or equal to ${bound}`);
    }
    if (multipleOf !== undefined && multipleOf > 0 && !isMultiple(value, multipleOf)) {
      const factor = String(multipleOf);
      refuse(`a multiple of ${factor}`, `should be a multiple of ${factor}`);
    }
  }

  #checkText(value: string, schema: StructuralSchema, path: string, errors: FieldErrors): void {
    const { minLength, maxLength, pattern, format } = schema;
    const length = minLength === undefined && maxLength === undefined ? 0 : characterCount(value);
    if (minLength !== undefined && length < minLength) {
      const rule = `should be at least ${String(minLength)} chars long`;
      const details = amountWords('at least', String(minLength), 'string');
      this.#refuse(value, path, { details, cause: this.#rule(value, rule) }, errors);
    }
    if (maxLength !== undefined && length > maxLength) {
      const details = amountWords('at most', String(maxLength), 'string');
      this.#refuse(value, path, { details, cause: tooLongCause(maxLength) }, errors);
    }
    if (pattern !== undefined && !this.#matches(value, pattern)) {
      const cause = this.#rule(value, `should match '${pattern}'`);
      this.#refuse(value, path, { details: `a text that matches ${pattern}`, cause }, errors);
    }
    if (format !== undefined && !hasFormat(value, format)) {
      const cause = typeCause(format, this.#mayShow ? value : '(not shown)');
      this.#refuse(value, path, { details: `a text of format ${format}`, cause }, errors);
    }
  }

  #matches(value: string, pattern: string): boolean {
    const compiled = this.#patterns.get(pattern) ?? compilePattern(pattern);
    this.#patterns.set(pattern, compiled);
    // A CRD with a pattern that cannot be compiled is refused; one that slipped in matches nothing.
    return compiled instanceof Pattern && compiled.test(value, this.#budget);
  }

  #checkList(
    value: readonly unknown[],
    schema: StructuralSchema,
    path: string,
    errors: FieldErrors,
  ): void {
    this.#checkCount(
      value.length,
      schema.minItems,
      schema.maxItems,
      { path, unit: 'items' },
      errors,
    );
    const { items } = schema;
    if (items !== undefined) {
      for (const [index, item] of value.entries()) {
        errors.merge(this.check(item, items, `${path}[${String(index)}]`));
      }
    }
    this.#checkDuplicates(value, schema, path, errors);
  }

  #checkDuplicates(
    value: readonly unknown[],
    schema: StructuralSchema,
    path: string,
    errors: FieldErrors,
  ): void {
    const listType = schema['x-kubernetes-list-type'];
    if (listType !== 'set' && listType !== 'map') return;
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    const seen = new Set<string>();
    for (const [index, item] of value.entries()) {
      const identity =
        listType === 'map' && isRecord(item)
          ? Object.fromEntries(
              keys.filter((key) => item[key] !== undefined).map((key) => [key, item[key]]),
            )
          : item;
      const shown = isRecord(identity) ? keyText(identity) : causeText(identity, this.#mayShow);
      const text = isRecord(identity) ? shown : JSON.stringify(identity);
      if (seen.has(text)) {
        errors.addProblem({
          message: 'the same entry twice',
          paths: [`${path}[${String(index)}]`],
          cause: duplicateCause(this.#mayShow ? shown : '"(not shown)"'),
        });
      }
      seen.add(text);
    }
  }

  #checkCount(
    count: number,
    min: number | undefined,
    max: number | undefined,
    { path, unit }: { readonly path: string; readonly unit: string },
    errors: FieldErrors,
  ): void {
    if (min !== undefined && count < min) {
      const cause = ruleCause(String(count), `should have at least ${String(min)} ${unit}`);
      const message = `expected ${amountWords('at least', String(min), 'array')}, found ${String(count)}`;
      errors.addProblem({ message, paths: [path], cause });
    }
    if (max !== undefined && count > max) {
      const message = `expected ${amountWords('at most', String(max), 'array')}, found ${String(count)}`;
      errors.addProblem({ message, paths: [path], cause: tooManyCause(count, max) });
    }
  }

  #checkFields(
    value: JsonRecord,
    schema: StructuralSchema,
    path: string,
    errors: FieldErrors,
  ): void {
    const { required = [], properties = {}, additionalProperties } = schema;
    const count = Object.keys(value).length;
    const { minProperties, maxProperties } = schema;
    this.#checkCount(count, minProperties, maxProperties, { path, unit: 'properties' }, errors);
    const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
    if (isEmbedded) this.#checkEmbedded(value, path, errors);
    for (const field of required) {
      if (Object.hasOwn(value, field)) continue;
      const cause = REQUIRED_CAUSE;
      errors.addProblem({ message: 'missing field(s)', paths: [joinPath(path, field)], cause });
    }
    for (const [key, member] of Object.entries(value)) {
      if (Object.hasOwn(properties, key)) {
        const field = properties[key];
        if (field !== undefined) errors.merge(this.check(member, field, joinPath(path, key)));
      } else if (typeof additionalProperties === 'object') {
        errors.merge(this.check(member, additionalProperties, `${path}[${key}]`));
      }
    }
  }

  /** A whole object inside another says what it is. */
  #checkEmbedded(value: JsonRecord, path: string, errors: FieldErrors): void {
    for (const field of ['apiVersion', 'kind']) {
      if (typeof value[field] === 'string' && value[field] !== '') continue;
      const cause = { ...REQUIRED_CAUSE, head: 'Required value: must not be empty' };
      errors.addProblem({ message: 'missing field(s)', paths: [joinPath(path, field)], cause });
    }
  }

  #checkLogic(value: unknown, schema: StructuralSchema, path: string, errors: FieldErrors): void {
    const { allOf = [], anyOf = [], oneOf = [], not } = schema;
    const outcome = (branches: readonly StructuralSchema[]): FieldErrors[] =>
      branches.map((branch) => this.check(value, branch, path));
    const refuse = (message: string, rule: string): void => {
      errors.addProblem({ message, paths: [path], cause: logicCause(rule) });
    };
    const all = outcome(allOf).filter((problems) => !problems.isEmpty);
    for (const problems of all) errors.merge(problems);
    if (all.length > 0) {
      const none = all.length === allOf.length ? '. None validated' : '';
      refuse('expected all alternatives to hold', `must validate all the schemas (allOf)${none}`);
    }
    const any = outcome(anyOf);
    if (any.length > 0 && any.every((problems) => !problems.isEmpty)) {
      refuse('expected one of several alternatives', 'must validate at least one schema (anyOf)');
      errors.merge(any[0] ?? new FieldErrors());
    }
    const one = outcome(oneOf);
    const valid = one.filter((problems) => problems.isEmpty).length;
    if (one.length > 0 && valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${String(valid)} valid alternatives`;
      const rule = `must validate one and only one schema (oneOf). ${found}`;
      refuse(`expected exactly one of several alternatives, found ${String(valid)}`, rule);
      if (valid === 0) errors.merge(one[0] ?? new FieldErrors());
    }
    if (not !== undefined && this.check(value, not, path).isEmpty) {
      refuse('expected something else', 'must not validate the schema (not)');
    }
  }
}

/** What is wrong with a value; paths begin at it. */
export function validateValue(
  value: unknown,
  schema: StructuralSchema,
  options: ValidateOptions,
): FieldErrors {
  return new Validator(options).check(value, schema, '');
}
