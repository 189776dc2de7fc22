/**
 * The kinds that a user's CustomResourceDefinition adds: one definition for each served version, checked by the
 * schema of the CRD as kube-apiserver does it: unknown fields, defaults, validation. Rules in CEL and webhooks
 * for conversion are not run, which `crdWarnings` tells the author.
 *
 * All objects of a kind are kept in one version that is nobody's, with the fields that they were written with, and
 * shown in each version as its schema has it: so versions may come, go and take the storage from each other, and
 * defaults that came later are there for objects that are older.
 */
import { z } from 'zod';
import { COLUMNS } from '../../define-kind.ts';
import { FieldErrors } from '../../field-errors.ts';
import { isRecord, type JsonRecord } from '../../json-record.ts';
import type { Conversion, KindDefinition, PrinterColumn } from '../../kind.ts';
import { metadataSchema, SUBDOMAIN_NAME } from '../../metadata.ts';
import type { ApiObject, ObjectMeta } from '../../object.ts';
import { prepareObject } from '../../openapi/prepare-value.ts';
import type { StructuralSchema } from '../../openapi/structural-schema.ts';
import { validateValue, type PatternCache } from '../../openapi/validate-value.ts';
import type { Checked, CheckOptions } from '../../schema/check.ts';
import { checkSchema } from '../../schema/check.ts';
import { unknownFieldWords } from '../../schema/describe.ts';
import { plainCopy } from '../../schema/plain-copy.ts';
import { kubePath } from '../../status-causes.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from './custom-resource-definition.ts';

/** Of a version without a schema, which admission refuses. */
const ANY_OBJECT: StructuralSchema = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
};

function schemaOf(version: CustomResourceDefinitionVersion): StructuralSchema {
  // Admission has checked that it is structural.
  return (version.schema?.openAPIV3Schema as StructuralSchema | undefined) ?? ANY_OBJECT;
}

type Fields = Record<string, unknown>;

/** Checks objects of one version of one kind. */
class ObjectChecker {
  readonly #schema: StructuralSchema;
  readonly #head: z.ZodType<ApiObject>;
  readonly #patterns: PatternCache = new Map();

  constructor(apiVersion: string, kind: string, schema: StructuralSchema) {
    this.#schema = schema;
    this.#head = z.strictObject({
      apiVersion: z.literal(apiVersion),
      kind: z.literal(kind),
      metadata: metadataSchema,
    });
  }

  check(
    value: unknown,
    { mayShowValues = true, unknownFields = 'error' }: CheckOptions = {},
  ): Checked<ApiObject> {
    const mayDrop = unknownFields === 'drop';
    const copied = plainCopy(value, z.unknown(), { mayShow: mayShowValues, mayDrop });
    if (!copied.isComplete) return { errors: copied.errors, dropped: [] };
    const { apiVersion, kind, metadata, ...rest } = copied.copy as Fields;
    const head = checkSchema(this.#head, { apiVersion, kind, metadata }, { unknownFields });
    const errors = copied.errors.merge(head.errors);
    const object: Fields = { ...head.value, ...rest };
    const unknown = prepareObject(object, this.#schema);
    if (!mayDrop) {
      for (const { name, known, path } of unknown) errors.add(unknownFieldWords(name, known), path);
    }
    const options = { mayShow: mayShowValues, patterns: this.#patterns };
    errors.merge(validateValue(object, this.#schema, options));
    const lost = mayDrop ? unknown.map(({ path }) => path) : [];
    const dropped = [...head.dropped, ...[...lost, ...copied.unusable].map(kubePath)].sort();
    // Without errors the head is there, so that it is a whole object.
    return errors.isEmpty
      ? { value: object as unknown as ApiObject, errors, dropped }
      : { errors, dropped };
  }
}

function columnsOf({
  additionalPrinterColumns = [],
}: CustomResourceDefinitionVersion): PrinterColumn[] {
  // As in Kubernetes: without columns of its own a kind shows its age.
  if (additionalPrinterColumns.length === 0) return [COLUMNS.age];
  return additionalPrinterColumns.map((column) => ({
    ...column,
    // Admission takes these types only.
    type: column.type as PrinterColumn['type'],
  }));
}

/** No version of a CRD can be called so. */
const STORED_VERSION = 'STORED';

function storedApiVersion({ spec }: CustomResourceDefinition): string {
  return `${spec.group}/${STORED_VERSION}`;
}

/** Kept as it was written; shown with the fields and the defaults of the version. */
function conversionOf(apiVersion: string, stored: string, schema: StructuralSchema): Conversion {
  return {
    keep: (object) => {
      const { metadata } = object;
      if (!isRecord(metadata)) return object;
      return { ...object, metadata: ownersIn(metadata, apiVersion, stored) };
    },
    show: ({ metadata, ...written }) => {
      const fields: Fields = { ...structuredClone(written), metadata: {} };
      prepareObject(fields, schema);
      return { ...fields, metadata: ownersIn(metadata, stored, apiVersion) } as ApiObject;
    },
  };
}

/** Who owns which field is told in the version that is asked for, and kept in the one that is kept. */
function ownersIn<T extends JsonRecord | ObjectMeta>(metadata: T, from: string, to: string): T {
  const { managedFields } = metadata;
  if (!Array.isArray(managedFields)) return metadata;
  const told = (managedFields as unknown[]).map((entry) =>
    isRecord(entry) && entry['apiVersion'] === from ? { ...entry, apiVersion: to } : entry,
  );
  return { ...metadata, managedFields: told };
}

function kindOfVersion(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): KindDefinition {
  const { spec } = crd;
  const { group, names } = spec;
  const apiVersion = `${group}/${version.name}`;
  const schema = schemaOf(version);
  const checker = new ObjectChecker(apiVersion, names.kind, schema);
  const { subresources = {}, selectableFields = [] } = version;
  return {
    group,
    version: version.name,
    apiVersion,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === 'Namespaced',
    hasStatus: subresources.status !== undefined,
    printerColumns: columnsOf(version),
    nameRule: SUBDOMAIN_NAME,
    selectableFields: selectableFields.map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    scale: subresources.scale,
    keptAs: {
      apiVersion: storedApiVersion(crd),
      conversion: conversionOf(apiVersion, storedApiVersion(crd), schema),
    },
    ...(version.deprecated === true ? { deprecated: { warning: version.deprecationWarning } } : {}),
    mergeSchema: schema,
    check: (value, options) => checker.check(value, options),
    structural: () => schema,
    setDefaults: (object) => {
      const copy = structuredClone(object);
      prepareObject(copy as unknown as Fields, schema);
      return copy;
    },
    validate: () => new FieldErrors(),
  };
}

/** The kinds of an admitted CRD, in the order of its versions; those that are not served are left out. */
export function kindsOfCrd(crd: CustomResourceDefinition): readonly KindDefinition[] {
  return crd.spec.versions
    .filter(({ served }) => served)
    .map((version) => kindOfVersion(crd, version));
}

/** The version in which the objects of all of them are kept. It is checked by nothing: they are, before they are kept. */
export function storedKindOfCrd(crd: CustomResourceDefinition): KindDefinition | undefined {
  const { versions } = crd.spec;
  const storage = versions.find((version) => version.storage);
  if (storage === undefined) return undefined;
  const fields = versions.flatMap((version) => kindOfVersion(crd, version).selectableFields ?? []);
  return {
    ...kindOfVersion(crd, storage),
    version: STORED_VERSION,
    apiVersion: storedApiVersion(crd),
    isServed: false,
    keptAs: undefined,
    hasStatus: versions.some(({ subresources }) => subresources?.status !== undefined),
    selectableFields: [...new Set(fields)],
    check: (value) => ({ value: value as ApiObject, errors: new FieldErrors(), dropped: [] }),
    setDefaults: (object) => object,
  };
}
