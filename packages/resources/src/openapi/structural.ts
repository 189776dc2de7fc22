/** The structural schema of a kind. */
import type { KindDefinition } from '../kind.ts';
import type { StructuralSchema } from './structural-schema.ts';

/**
 * The schema of a kind in the form of CRDs and OpenAPI: for a kind of ours lowered from its zod schema, for a
 * user's kind that of its CRD. Made on first use, the same object afterwards.
 */
export function structuralSchema(definition: Pick<KindDefinition, 'structural'>): StructuralSchema {
  return definition.structural();
}

/** A function that calls `make` once, at the first call, and keeps the result. */
export function onFirstUse<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
