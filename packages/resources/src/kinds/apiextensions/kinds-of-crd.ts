/**
 * The kinds that a user's CustomResourceDefinition adds: one definition for each served version, checked by the
 * schema of the CRD as kube-apiserver does it: unknown fields, defaults, validation. Rules in CEL and webhooks
 * for conversion are not run, which `crdWarnings` tells the author.
 */
import { z } from 'zod';
import { COLUMNS } from '../../define-kind.ts';
import { FieldErrors } from '../../field-errors.ts';
import type { KindDefinition, PrinterColumn } from '../../kind.ts';
import { metadataSchema, SUBDOMAIN_NAME } from '../../metadata.ts';
import type { ApiObject } from '../../object.ts';
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

function kindOfVersion(
  { spec }: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): KindDefinition {
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
