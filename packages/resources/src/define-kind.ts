/** Helpers for the files that define kinds: the common part of every schema, and definitions without repetition. */
import { z } from 'zod';
import { FieldErrors } from './field-errors.ts';
import type {
  AdmissionContext,
  CrdOutline,
  KeptAs,
  KindDefinition,
  PrinterColumn,
  ScaleSubresource,
} from './kind.ts';
import type { NameRule } from './metadata.ts';
import { metadataSchema, SUBDOMAIN_NAME } from './metadata.ts';
import type { ApiObject } from './object.ts';
import { lowerSchema } from './openapi/lower.ts';
import { onFirstUse } from './openapi/structural.ts';
import { checkSchema } from './schema/check.ts';

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

/** Upstream's labels of CRDs: tools find addressable kinds and channels by them. */
const CRD_LABELS = {
  installed: { 'knative.dev/crd-install': 'true' },
  addressable: { 'duck.knative.dev/addressable': 'true' },
  subscribable: { 'messaging.knative.dev/subscribable': 'true' },
} as const;

/** A CRD of ours, with the labels of what its objects can do. The version is the stored one by default. */
export function crdOutline(
  abilities: readonly ('addressable' | 'subscribable')[] = [],
  isStorage = true,
): CrdOutline {
  const labels = Object.assign(
    {},
    CRD_LABELS.installed,
    ...abilities.map((ability) => CRD_LABELS[ability]),
  ) as Record<string, string>;
  return { isStorage, labels };
}

/** What the file of a kind says; the rest has the usual value. */
export interface KindOutline<T extends ApiObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Strict: a field it does not know is an error. Free of transforms, so that a CRD can be made from it. */
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
  readonly selectableFields?: readonly string[];
  readonly scale?: ScaleSubresource;
  /** Whether the schema says how lists merge (`x-kubernetes-list-type` in its metadata). Default false. */
  readonly hasMergingLists?: boolean;
  /** Default false. */
  readonly isBuiltin?: boolean;
  /** For kinds that we bring a CRD for; see {@link crdOutline}. */
  readonly crd?: CrdOutline;
  readonly keptAs?: KeptAs;
  /** Fills in defaults in place: it is given a copy. Must be idempotent. */
  readonly fillDefaults?: (object: T, context: AdmissionContext) => void;
  readonly validate?: (object: T, context: AdmissionContext, old?: T) => FieldErrors;
}

/** A complete definition; see {@link KindOutline} for what is assumed. */
export function defineKind<T extends ApiObject>(outline: KindOutline<T>): KindDefinition<T> {
  const { group, version, kind, schema, fillDefaults, validate } = outline;
  const singular = kind.toLowerCase();
  const structural = onFirstUse(() => lowerSchema(schema));
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
    selectableFields: outline.selectableFields,
    scale: outline.scale,
    get mergeSchema() {
      return outline.hasMergingLists === true ? structural() : undefined;
    },
    isBuiltin: outline.isBuiltin ?? false,
    crd: outline.crd,
    keptAs: outline.keptAs,
    check: (value, options) => checkSchema(schema, value, options),
    structural,
    setDefaults: (object, context) => {
      const copy = structuredClone(object);
      fillDefaults?.(copy, context);
      return copy;
    },
    validate: (object, context, old) => validate?.(object, context, old) ?? new FieldErrors(),
  };
}
