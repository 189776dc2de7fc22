/** Helpers for the files that define kinds: the common part of every schema, and definitions without repetition. */
import { z } from 'zod';
import { FieldErrors } from './field-errors.ts';
import type { AdmissionContext, KindDefinition, PrinterColumn } from './kind.ts';
import type { NameRule } from './metadata.ts';
import { metadataSchema, SUBDOMAIN_NAME } from './metadata.ts';
import type { ApiObject } from './object.ts';

/** `apiVersion`, `kind` and `metadata` of one kind. */
export function typeShape<V extends string, K extends string>(
  apiVersion: V,
  kind: K,
): {
  apiVersion: z.ZodLiteral<V>;
  kind: z.ZodLiteral<K>;
  metadata: typeof metadataSchema;
} {
  return { apiVersion: z.literal(apiVersion), kind: z.literal(kind), metadata: metadataSchema };
}

/**
 * A `spec` that counts as `{}` when it is absent, so that `kind: Broker` and a name are a manifest, and what is
 * missing inside is reported field by field.
 */
export function specOf<S extends z.ZodObject>(schema: S): z.ZodPrefault<S> {
  // The empty object is checked against the schema like any other input, so it need not have its type.
  return schema.prefault({} as z.util.NoUndefined<z.input<S>>);
}

/** Columns of nearly every kind. */
export const COLUMNS = {
  age: { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  url: { name: 'URL', type: 'string', jsonPath: '.status.address.url' },
  ready: {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  },
  reason: {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
  },
} as const satisfies Record<string, PrinterColumn>;

/** What the file of a kind says; the rest has the usual value. */
export interface KindOutline<T extends ApiObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  /** Default: the kind in lower case with an `s`. */
  readonly plural?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Default true. */
  readonly namespaced?: boolean;
  /** Default true. */
  readonly hasStatus?: boolean;
  readonly printerColumns: readonly PrinterColumn[];
  /** Default: DNS-1123 subdomain. */
  readonly nameRule?: NameRule;
  /** Fills in defaults in place: it is given a copy. Must be idempotent. */
  readonly fillDefaults?: (object: T, context: AdmissionContext) => void;
  readonly validate?: (object: T, context: AdmissionContext, old?: T) => FieldErrors;
}

/** A complete definition; see {@link KindOutline} for what is assumed. */
export function defineKind<T extends ApiObject>(outline: KindOutline<T>): KindDefinition<T> {
  const { group, version, kind, schema, fillDefaults, validate } = outline;
  const singular = kind.toLowerCase();
  return {
    group,
    version,
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    plural: outline.plural ?? `${singular}s`,
    singular,
    shortNames: outline.shortNames ?? [],
    categories: outline.categories ?? [],
    namespaced: outline.namespaced ?? true,
    hasStatus: outline.hasStatus ?? true,
    printerColumns: outline.printerColumns,
    nameRule: outline.nameRule ?? SUBDOMAIN_NAME,
    schema,
    setDefaults: (object, context) => {
      const copy = structuredClone(object);
      fillDefaults?.(copy, context);
      return copy;
    },
    validate: (object, context, old) => validate?.(object, context, old) ?? new FieldErrors(),
  };
}
