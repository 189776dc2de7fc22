/**
 * Checks a value against a schema and says everything that is wrong at once, in words for the author of a
 * manifest: where (`spec.filters[0].exact[type]`), what was expected, what was found, and for an unknown field
 * the name that was probably meant.
 */
import type { z } from 'zod';
import type { FieldErrors } from '../field-errors.ts';
import { joinPath } from '../field-errors.ts';
import { nearestName } from '../nearest-name.ts';
import { alternatives, expectedWords, foundWords, valueText } from './describe.ts';
import { MISSING_HINTS } from './hints.ts';
import { pathStep, plainCopy } from './plain-copy.ts';
import { fieldNames, layers, memberSchema } from './walk.ts';

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** More known names than this are not listed in a message. */
const LISTED_NAMES_MAX = 16;

/** Outcome of a check; `value` is there exactly when `errors` is empty. */
export interface Checked<T> {
  readonly value?: T;
  readonly errors: FieldErrors;
}

/** How messages are made. */
export interface CheckOptions {
  /** Whether messages may show the values found. False for secrets (T30). Default true. */
  readonly mayShowValues?: boolean;
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
  errors.add(
    hint?.message ?? 'missing field(s)',
    hint?.fields?.map((field) => joinPath(path, field)) ?? path,
    hint?.details,
  );
}

function reportUnknown(finding: Finding, keys: readonly string[], errors: FieldErrors): void {
  const known = fieldNames(finding.schema);
  for (const key of keys) {
    const near = nearestName(key, known);
    const hint =
      near !== undefined
        ? `, did you mean ${JSON.stringify(near)}?`
        : known.length <= LISTED_NAMES_MAX
          ? `, expected ${alternatives(known)}`
          : '';
    errors.add(`unknown field ${JSON.stringify(key)}${hint}`, joinPath(finding.path, key));
  }
}

function reportWrongType(finding: Finding, expected: string, errors: FieldErrors): void {
  errors.add(
    `expected ${expected}, found ${foundWords(finding.found, finding.mayShow)}`,
    finding.path,
  );
}

function reportInvalid(finding: Finding, details: string, errors: FieldErrors): void {
  errors.invalidValue(valueText(finding.found, finding.mayShow), finding.path, details);
}

/** `integer or string`: the types that a union of scalars accepts. */
function unionWords(branches: readonly (readonly Issue[])[]): string {
  const types = branches.flatMap((branch) =>
    branch.map((issue) => (issue.code === 'invalid_type' ? issue.expected : '')),
  );
  return [...new Set(types.map((type) => expectedWords(type)))].join(' or ');
}

function report(finding: Finding, errors: FieldErrors): void {
  const { issue } = finding;
  if (issue.code !== 'unrecognized_keys' && finding.found === undefined) {
    reportMissing(finding, errors);
    return;
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      reportUnknown(finding, issue.keys, errors);
      return;
    case 'invalid_type':
      reportWrongType(finding, expectedWords(issue.expected), errors);
      return;
    case 'invalid_union':
      reportWrongType(finding, unionWords(issue.errors), errors);
      return;
    case 'invalid_value':
      reportInvalid(finding, `expected ${alternatives(issue.values)}`, errors);
      return;
    case 'too_small':
      reportInvalid(finding, `expected a number of at least ${String(issue.minimum)}`, errors);
      return;
    case 'too_big':
      reportInvalid(finding, `expected a number of at most ${String(issue.maximum)}`, errors);
      return;
    default:
      reportInvalid(finding, issue.message, errors);
  }
}

/**
 * Checks a value: never throws, collects every problem. The result is a copy; the input is not changed. zod
 * runs without its generated code, so that nothing here needs `Function` (T25).
 */
export function checkSchema<T>(
  schema: z.ZodType<T>,
  value: unknown,
  { mayShowValues = true }: CheckOptions = {},
): Checked<T> {
  const { copy, errors, isComplete } = plainCopy(value, schema, mayShowValues);
  if (!isComplete) return { errors };
  const refused = new Set(errors.entries().flatMap(({ paths }) => paths));
  const result = schema.safeParse(copy, { jitless: true });
  if (result.success) return errors.isEmpty ? { value: result.data, errors } : { errors };
  for (const issue of result.error.issues) {
    const finding = locate(copy, schema, issue, mayShowValues);
    // What could not be copied is reported already; in the copy it only looks missing.
    if (!refused.has(finding.path)) report(finding, errors);
  }
  return { errors };
}
