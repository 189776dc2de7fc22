/**
 * Checks a value against a schema and says everything that is wrong at once, in words for the author of a
 * manifest: where (`spec.filters[0].exact[type]`), what was expected, what was found, and for an unknown field
 * the name that was probably meant.
 */
import type { z } from 'zod';
import type { FieldCause } from '../field-cause.ts';
import {
  enumCause,
  jsonType,
  REQUIRED_CAUSE,
  ruleCause,
  tooLongCause,
  tooManyCause,
  typeCause,
} from '../field-cause.ts';
import type { FieldErrors, FieldProblem } from '../field-errors.ts';
import { joinPath } from '../field-errors.ts';
import { kubePath } from '../status-causes.ts';
import {
  alternatives,
  amountWords,
  causeText,
  expectedWords,
  foundWords,
  unknownFieldWords,
  valueText,
} from './describe.ts';
import { MISSING_HINTS } from './hints.ts';
import { pathStep, plainCopy } from './plain-copy.ts';
import { fieldNames, jsonTypes, layers, memberSchema } from './walk.ts';

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** Most rounds of dropping what the schema does not know; one is enough but for unions. */
const DROP_ROUNDS_MAX = 8;

/** Outcome of a check; `value` is there exactly when `errors` is empty. */
export interface Checked<T> {
  readonly value?: T;
  readonly errors: FieldErrors;
  /** Paths of the unknown fields that were left out, as kube-apiserver writes them, sorted. */
  readonly dropped: readonly string[];
}

/** What becomes of fields that the schema does not know: they are problems, or they are left out and named. */
export type UnknownFields = 'error' | 'drop';

/** How a value is checked. */
export interface CheckOptions {
  /** Whether messages may show the values found. False for secrets (T30). Default true. */
  readonly mayShowValues?: boolean;
  /** Default `error`. */
  readonly unknownFields?: UnknownFields;
}

/** One issue with everything a message about it needs. */
interface Finding {
  readonly issue: Issue;
  readonly path: string;
  /** The value at the path; undefined when absent. */
  readonly found: unknown;
  /** The schema at the path, where there is one. */
  readonly schema: Schema | undefined;
  readonly mayShow: boolean;
}

function locate(root: unknown, rootSchema: Schema, issue: Issue, mayShow: boolean): Finding {
  let path = '';
  let found = root;
  let schema: Schema | undefined = rootSchema;
  for (const key of issue.path) {
    path = pathStep(path, schema, key);
    schema = memberSchema(schema, key);
    found =
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Record<PropertyKey, unknown>)[key]
        : undefined;
  }
  return { issue, path, found, schema, mayShow };
}

function reportMissing({ path, schema }: Finding, errors: FieldErrors): void {
  const hints = schema === undefined ? [] : layers(schema).map((layer) => MISSING_HINTS.get(layer));
  const hint = hints.find((candidate) => candidate !== undefined);
  errors.addProblem({
    message: hint?.message ?? 'missing field(s)',
    paths: hint?.fields?.map((field) => joinPath(path, field)) ?? [path],
    ...(hint?.details === undefined ? {} : { details: hint.details }),
    cause: REQUIRED_CAUSE,
  });
}

function reportUnknown(finding: Finding, keys: readonly string[], errors: FieldErrors): void {
  const known = fieldNames(finding.schema);
  for (const key of keys) errors.add(unknownFieldWords(key, known), joinPath(finding.path, key));
}

function reportWrongType(
  { found, path, schema, mayShow }: Finding,
  expected: readonly string[],
  errors: FieldErrors,
): void {
  const words = [...new Set(expected.map((type) => expectedWords(type)))].join(' or ');
  errors.addProblem({
    message: `expected ${words}, found ${foundWords(found, mayShow)}`,
    paths: [path],
    cause: typeCause(jsonTypes(schema).join(','), jsonType(found)),
  });
}

/** What a value was to be: in our words, and as the cause of its refusal. */
interface Expectation {
  readonly details: string;
  readonly cause: (shown: string) => FieldCause;
}

function reportInvalid({ found, path, mayShow }: Finding, expected: Expectation): FieldProblem {
  return {
    message: `invalid value: ${valueText(found, mayShow)}`,
    paths: [path],
    details: expected.details,
    cause: expected.cause(causeText(found, mayShow)),
  };
}

/** The types that the branches of a union of scalars accept. */
function unionTypes(branches: readonly (readonly Issue[])[]): string[] {
  return branches.flatMap((branch) =>
    branch.map((issue) => (issue.code === 'invalid_type' ? issue.expected : '')),
  );
}

function tooSmall({ minimum, origin }: z.core.$ZodIssueTooSmall): Expectation {
  const least = String(minimum);
  return {
    details: `expected ${amountWords('at least', least, origin)}`,
    cause: (shown) =>
      ruleCause(
        shown,
        origin === 'string'
          ? `should be at least ${least} chars long`
          : `should be greater than or equal to ${least}`,
      ),
  };
}

function tooBig({ maximum, origin }: z.core.$ZodIssueTooBig, found: unknown): Expectation {
  const most = Number(maximum);
  return {
    details: `expected ${amountWords('at most', String(maximum), origin)}`,
    cause: (shown) => {
      if (origin === 'string') return tooLongCause(most);
      if (Array.isArray(found)) return tooManyCause(found.length, most);
      return ruleCause(shown, `should be less than or equal to ${String(most)}`);
    },
  };
}

function expectation(issue: Issue, found: unknown): Expectation {
  switch (issue.code) {
    case 'invalid_value':
      return {
        details: `expected ${alternatives(issue.values)}`,
        cause: (shown) => enumCause(shown, issue.values),
      };
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return tooBig(issue, found);
    default:
      return { details: issue.message, cause: (shown) => ruleCause(shown, issue.message) };
  }
}

function report(finding: Finding, errors: FieldErrors): void {
  const { issue, found } = finding;
  if (issue.code === 'unrecognized_keys') reportUnknown(finding, issue.keys, errors);
  else if (found === undefined) reportMissing(finding, errors);
  else if (issue.code === 'invalid_type') reportWrongType(finding, [issue.expected], errors);
  else if (issue.code === 'invalid_union') {
    reportWrongType(finding, unionTypes(issue.errors), errors);
  } else errors.addProblem(reportInvalid(finding, expectation(issue, found)));
}

/** Takes the unknown fields out of a copy; the paths of those that there were. */
function dropUnknown(copy: unknown, schema: Schema, issues: readonly Issue[]): string[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [];
    const { path, found } = locate(copy, schema, issue, false);
    if (typeof found !== 'object' || found === null) return [];
    return issue.keys.map((key) => {
      Reflect.deleteProperty(found, key);
      return joinPath(path, key);
    });
  });
}

/**
 * Checks a value: never throws, collects every problem. The result is a copy; the input is not changed. zod
 * runs without its generated code, so that nothing here needs `Function` (T25).
 */
export function checkSchema<T>(
  schema: z.ZodType<T>,
  value: unknown,
  { mayShowValues = true, unknownFields = 'error' }: CheckOptions = {},
): Checked<T> {
  const mayDrop = unknownFields === 'drop';
  const { copy, errors, isComplete, unusable } = plainCopy(value, schema, {
    mayShow: mayShowValues,
    mayDrop,
  });
  if (!isComplete) return { errors, dropped: [] };
  const lost = [...unusable];
  let result = schema.safeParse(copy, { jitless: true });
  for (let round = 0; mayDrop && !result.success && round < DROP_ROUNDS_MAX; round++) {
    const found = dropUnknown(copy, schema, result.error.issues);
    if (found.length === 0) break;
    lost.push(...found);
    result = schema.safeParse(copy, { jitless: true });
  }
  const dropped = lost.map(kubePath).sort();
  if (result.success) return { ...(errors.isEmpty ? { value: result.data } : {}), errors, dropped };
  const refused = new Set(errors.problems().flatMap(({ paths }) => paths));
  for (const issue of result.error.issues) {
    const finding = locate(copy, schema, issue, mayShowValues);
    // What could not be copied is reported already; in the copy it only looks missing.
    if (!refused.has(finding.path)) report(finding, errors);
  }
  return { errors, dropped };
}
