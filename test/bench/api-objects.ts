/**
 * What is written to the API servers: a kind that Kubernetes brings, and one of a user's CustomResourceDefinition,
 * because servers treat them differently. About 1 KiB each; no controller cares about either.
 */

export type KindName = 'configMap' | 'custom';

export const KIND_TITLES: Readonly<Record<KindName, string>> = {
  configMap: 'ConfigMap',
  custom: 'custom resource',
};

export interface BenchKind {
  /** Path of the collection in a namespace. */
  readonly collection: (namespace: string) => string;
  /** An object without metadata. */
  readonly object: object;
}

export const CONFIG_MAPS: BenchKind = {
  collection: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    data: { level: 'info', text: 'x'.repeat(960) },
  },
};

/** A kind in a group of its own, so that two measurements on one server do not meet. */
export function customKind(group: string): BenchKind {
  return {
    collection: (namespace) => `/apis/${group}/v1/namespaces/${namespace}/benchitems`,
    object: {
      apiVersion: `${group}/v1`,
      kind: 'BenchItem',
      spec: {
        replicas: 3,
        text: 'x'.repeat(560),
        settings: { level: 'info', region: 'somewhere' },
        steps: Array.from({ length: 8 }, (_, index) => ({
          name: `step-${String(index)}`,
          weight: index,
          uri: `http://step-${String(index)}`,
        })),
      },
    },
  };
}

/** The definition of that kind, with a schema such as people write. */
export function customDefinition(group: string): object {
  const text = { type: 'string' };
  const step = {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 63 },
      weight: { type: 'integer', minimum: 0, default: 1 },
      uri: text,
    },
  };
  const spec = {
    type: 'object',
    required: ['text'],
    properties: {
      replicas: { type: 'integer', minimum: 0 },
      text: { type: 'string', maxLength: 4096 },
      settings: { type: 'object', additionalProperties: text },
      steps: { type: 'array', maxItems: 32, items: step },
    },
  };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `benchitems.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'benchitems', singular: 'benchitem', kind: 'BenchItem' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
