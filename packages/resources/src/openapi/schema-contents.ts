/**
 * What else can be wrong with a structural schema: patterns that cannot be matched, and defaults that the schema
 * itself would refuse. A CRD with one is refused, as by kube-apiserver.
 */
import { FieldErrors, joinPath } from '../field-errors.ts';
import { compilePattern, Pattern } from './pattern.ts';
import { preparedCopy } from './prepare-value.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { validateValue, type PatternCache } from './validate-value.ts';

const LISTS_OF_SCHEMAS = ['allOf', 'anyOf', 'oneOf'] as const;

/** The schemas inside a schema, with the steps that lead to them. */
function children(schema: StructuralSchema): (readonly [string, StructuralSchema])[] {
  const { properties = {}, items, additionalProperties, not } = schema;
  return [
    ...Object.entries(properties).map(([name, child]) => [`properties[${name}]`, child] as const),
    ...(items === undefined ? [] : [['items', items] as const]),
    ...(typeof additionalProperties === 'object'
      ? [['additionalProperties', additionalProperties] as const]
      : []),
    ...(not === undefined ? [] : [['not', not] as const]),
    ...LISTS_OF_SCHEMAS.flatMap((key) =>
      (schema[key] ?? []).map((child, index) => [`${key}[${String(index)}]`, child] as const),
    ),
  ];
}

function checkPattern(pattern: string | undefined, path: string, errors: FieldErrors): void {
  if (pattern === undefined) return;
  const compiled = compilePattern(pattern);
  if (compiled instanceof Pattern) return;
  const why = `must be a valid regular expression, but isn't: ${compiled.message}`;
  errors.invalidValue(pattern, joinPath(path, 'pattern'), why);
}

function visit(
  schema: StructuralSchema,
  path: string,
  patterns: PatternCache,
  errors: FieldErrors,
): void {
  checkPattern(schema.pattern, path, errors);
  if (schema.default !== undefined) {
    const value = preparedCopy(schema.default, schema);
    const problems = validateValue(value, schema, { mayShow: true, patterns });
    errors.merge(problems, joinPath(path, 'default'));
  }
  for (const [step, child] of children(schema)) {
    visit(child, joinPath(path, step), patterns, errors);
  }
}

/** Paths begin at the schema, which must be structural. */
export function checkPatternsAndDefaults(schema: StructuralSchema): FieldErrors {
  const errors = new FieldErrors();
  visit(schema, '', new Map(), errors);
  return errors;
}
