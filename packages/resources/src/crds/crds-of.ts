/**
 * The CustomResourceDefinitions of the kinds that are ours or Knative's, made from the same definitions that
 * check objects on a laptop. Pure; the files in `crds/` at the root of the repository are its output.
 *
 * Versions of a kind are not converted (strategy None): an object is read in another version with the fields it
 * was written with. So that nothing is lost when the stored version is another than the written one, `spec` in
 * each version also has the fields of the others; see ADR 2.
 */
import type { KindDefinition, KindRegistry, PrinterColumn } from '../kind.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../kinds/apiextensions/custom-resource-definition.ts';
import { structuralSchema } from '../openapi/structural.ts';
import type { StructuralSchema } from '../openapi/structural-schema.ts';

type Properties = Readonly<Record<string, StructuralSchema>>;

function specProperties(schema: StructuralSchema): Properties {
  return schema.properties?.['spec']?.properties ?? {};
}

/** A field that only other versions have; it keeps its shape and has no rules, which would bind this version. */
function foreign(schema: StructuralSchema): StructuralSchema {
  const { default: _default, 'x-kubernetes-validations': _rules, ...rest } = schema;
  return rest;
}

/** The schema of one version, its spec completed by the fields of the others. */
function completed(
  schema: StructuralSchema,
  others: readonly StructuralSchema[],
): StructuralSchema {
  const spec = schema.properties?.['spec'];
  if (spec === undefined) return schema;
  const own = specProperties(schema);
  const added = others
    .flatMap((other) => Object.entries(specProperties(other)))
    .filter(([field]) => !Object.hasOwn(own, field))
    .map(([field, described]) => [field, foreign(described)] as const);
  if (added.length === 0) return schema;
  const properties = { ...own, ...Object.fromEntries(added) };
  return { ...schema, properties: { ...schema.properties, spec: { ...spec, properties } } };
}

function columnOf({
  name,
  type,
  jsonPath,
  priority,
  format,
  description,
}: PrinterColumn): PrinterColumn {
  return {
    name,
    type,
    ...(format === undefined ? {} : { format }),
    ...(description === undefined ? {} : { description }),
    ...(priority === undefined ? {} : { priority }),
    jsonPath,
  };
}

function versionOf(
  definition: KindDefinition,
  others: readonly KindDefinition[],
): CustomResourceDefinitionVersion {
  const { version, crd, hasStatus, scale, printerColumns, selectableFields = [] } = definition;
  const schema = completed(structuralSchema(definition), others.map(structuralSchema));
  return {
    name: version,
    served: true,
    storage: crd?.isStorage === true,
    ...(hasStatus || scale !== undefined
      ? {
          subresources: {
            ...(hasStatus ? { status: {} } : {}),
            ...(scale === undefined ? {} : { scale }),
          },
        }
      : {}),
    ...(printerColumns.length === 0
      ? {}
      : { additionalPrinterColumns: printerColumns.map(columnOf) }),
    ...(selectableFields.length === 0
      ? {}
      : { selectableFields: selectableFields.map((field) => ({ jsonPath: `.${field}` })) }),
    schema: { openAPIV3Schema: structuredClone(schema) as Record<string, unknown> },
  };
}

function crdOf(versions: readonly [KindDefinition, ...KindDefinition[]]): CustomResourceDefinition {
  const [{ group, kind, plural, singular, shortNames, categories, namespaced, listKind, crd }] =
    versions;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { ...crd?.labels } },
    spec: {
      group,
      names: {
        plural,
        singular,
        ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
        kind,
        listKind: listKind ?? `${kind}List`,
        ...(categories.length === 0 ? {} : { categories: [...categories] }),
      },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      versions: versions.map((one) =>
        versionOf(
          one,
          versions.filter((other) => other !== one),
        ),
      ),
      conversion: { strategy: 'None' },
    },
  };
}

/** One CRD for each kind that we bring one for, in order of registration, with all of its versions. */
export function crdsOf(registry: KindRegistry): CustomResourceDefinition[] {
  const kinds = new Map<string, [KindDefinition, ...KindDefinition[]]>();
  for (const definition of registry.all()) {
    if (definition.crd === undefined) continue;
    const key = `${definition.plural}.${definition.group}`;
    const versions = kinds.get(key);
    if (versions === undefined) kinds.set(key, [definition]);
    else versions.push(definition);
  }
  return [...kinds.values()].map(crdOf);
}
