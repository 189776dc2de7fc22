/**
 * What a CRD says in addition to the schema. Our own rules say the same, in better words and with what they
 * know besides the object; a cluster has these for the time when our webhook is not there. They change nothing
 * about how objects are checked here.
 */
import type { z } from 'zod';
import type { CelRule, StructuralSchema } from '../openapi/structural-schema.ts';

/** Puts keywords into the structural schema of a field. */
export function inCrd<S extends z.ZodType>(schema: S, keywords: StructuralSchema): S {
  return schema.meta({ ...keywords });
}

/** Attaches rules in CEL. */
export function withRules<S extends z.ZodType>(schema: S, ...rules: readonly CelRule[]): S {
  return inCrd(schema, { 'x-kubernetes-validations': rules });
}

/** Fields that keep their value, and their absence, for ever. */
export function neverChanges(...fields: readonly string[]): CelRule[] {
  return fields.map((field) => ({
    rule: `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
    message: `Immutable field changed: ${field}`,
  }));
}

/** Fields that keep their value once they have one; a webhook gives it to those that have none. */
export function neverChangesOnceSet(...fields: readonly string[]): CelRule[] {
  return fields.map((field) => ({
    rule: `!has(oldSelf.${field}) || (has(self.${field}) && self.${field} == oldSelf.${field})`,
    message: `Immutable field changed: ${field}`,
  }));
}

/** At least one of several fields with a text. */
export function oneTextOf(...fields: readonly string[]): CelRule {
  return {
    rule: fields.map((field) => `(has(self.${field}) && self.${field} != '')`).join(' || '),
    message: `expected at least one, got none: ${fields.join(', ')}`,
  };
}
