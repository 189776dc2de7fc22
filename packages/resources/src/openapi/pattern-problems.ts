/** Finds the patterns of a schema that cannot be matched here; a CRD with one is refused, as by kube-apiserver. */
import { FieldErrors, joinPath } from '../field-errors.ts';
import { compilePattern, Pattern } from './pattern.ts';

function visit(value: unknown, path: string, errors: FieldErrors): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const below = joinPath(path, Array.isArray(value) ? `[${key}]` : key);
    if (key === 'pattern' && typeof child === 'string') {
      const compiled = compilePattern(child);
      if (compiled instanceof Pattern) continue;
      const why = `must be a valid regular expression, but isn't: ${compiled.message}`;
      errors.invalidValue(child, below, why);
    } else if (key !== 'default' && key !== 'enum' && key !== 'example')
      visit(child, below, errors);
  }
}

/** Paths begin at the schema. */
export function checkPatterns(schema: unknown): FieldErrors {
  const errors = new FieldErrors();
  visit(schema, '', errors);
  return errors;
}
