/** What documents are made of: plain JSON, because nothing here looks deep into it. */
import type { StructuralSchema } from '@afflux/resources';

/** A schema of OpenAPI 3.0 with Kubernetes' extensions; beside the structural ones it may refer to others. */
export type Schema = StructuralSchema | { readonly [keyword: string]: unknown };

/** Schemas by the name they are referred to with. */
export type Schemas = Readonly<Record<string, Schema>>;

/** What the name of a kind is made of. */
export interface KindName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Common beginning of the names of meta.k8s.io. */
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const AUTOSCALING = 'io.k8s.api.autoscaling.v1';

/** Packages of Kubernetes' own groups, whose schemas are not named after the group. */
const PACKAGES: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'authentication.k8s.io': 'io.k8s.api.authentication',
  'authorization.k8s.io': 'io.k8s.api.authorization',
  'coordination.k8s.io': 'io.k8s.api.coordination',
};

/** The name of a schema: the group back to front, as clients know it from clusters. */
export function schemaName({ group, version, kind }: KindName): string {
  const base = PACKAGES[group] ?? group.split('.').reverse().join('.');
  return `${base}.${version}.${kind}`;
}

/** The name of a schema of meta.k8s.io. */
export function metaName(kind: string): string {
  return `${META}.${kind}`;
}

/** The name of a schema of the subresource `scale`. */
export function scaleName(kind: string): string {
  return `${AUTOSCALING}.${kind}`;
}

/** Stands for another schema. */
export function refTo(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Stands for another schema in a field that has a description of its own. */
export function describedRef(name: string, description: string): Schema {
  return { description, allOf: [refTo(name)] };
}

/** Says of which kind the schema is; clients search by this, not by the name. */
export function kindMark(...kinds: readonly KindName[]): Schema {
  return {
    'x-kubernetes-group-version-kind': kinds.map(({ group, version, kind }) => ({
      group,
      version,
      kind,
    })),
  };
}

/** The two fields that say what an object is. */
export const TYPE_FIELDS: Schemas = {
  apiVersion: { type: 'string', description: 'Group and version of this object.' },
  kind: { type: 'string', description: 'Kind of this object.' },
};
