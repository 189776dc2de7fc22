/**
 * The kinds that the store kit uses. A back-end under test must serve them: the open ones with any fields in `spec` and
 * `status`, Form with the fields of its schema and no others, ConfigMap and Service as Kubernetes does; nothing is
 * defaulted. For a cluster, `kitCrds()` makes CustomResourceDefinitions of this data; for a store without webhooks
 * `kitAdmission` is what checks Forms.
 */
import type { ApiObject } from '@afflux/resources';
import type {
  GroupVersionKind,
  KindSource,
  MergeSchema,
  StoredKind,
} from '../store/resource-store.ts';

/** A structural schema: what fields there are, and how their lists and maps merge. */
export interface KitSchema extends MergeSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer';
  readonly properties?: Readonly<Record<string, KitSchema>>;
  readonly additionalProperties?: KitSchema;
  readonly items?: KitSchema;
  readonly required?: readonly string[];
}

export type KitKind = GroupVersionKind & StoredKind;

const GROUP = 'kit.afflux.dev';
const API_VERSION = `${GROUP}/v1`;

/** Namespaced, with a status subresource. */
export const GADGET: KitKind = {
  apiVersion: API_VERSION,
  kind: 'Gadget',
  group: GROUP,
  plural: 'gadgets',
  namespaced: true,
  hasStatus: true,
};

/** Namespaced, without one. */
export const NOTE: KitKind = {
  apiVersion: API_VERSION,
  kind: 'Note',
  group: GROUP,
  plural: 'notes',
  namespaced: true,
  hasStatus: false,
};

/** Cluster-scoped. */
export const TOOLBOX: KitKind = {
  apiVersion: API_VERSION,
  kind: 'Toolbox',
  group: GROUP,
  plural: 'toolboxes',
  namespaced: false,
  hasStatus: false,
};

const TEXT: KitSchema = { type: 'string' };

/** The fields of a Form, with every way in which lists and maps merge. */
export const FORM_SCHEMA: KitSchema = {
  type: 'object',
  properties: {
    apiVersion: TEXT,
    kind: TEXT,
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      properties: {
        colour: TEXT,
        size: { type: 'integer' },
        steps: { type: 'array', items: TEXT },
        tags: { type: 'array', items: TEXT, 'x-kubernetes-list-type': 'set' },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: TEXT, count: { type: 'integer' }, unit: TEXT },
          },
        },
        options: { type: 'object', additionalProperties: TEXT },
        origin: {
          type: 'object',
          'x-kubernetes-map-type': 'atomic',
          properties: { city: TEXT, street: TEXT },
        },
      },
    },
    status: {
      type: 'object',
      properties: { phase: TEXT, reason: TEXT },
    },
  },
};

/** Namespaced, with a status subresource, a closed schema, and a field to select by. */
export const FORM: KitKind = {
  apiVersion: API_VERSION,
  kind: 'Form',
  group: GROUP,
  plural: 'forms',
  namespaced: true,
  hasStatus: true,
  selectableFields: ['spec.colour'],
  mergeSchema: FORM_SCHEMA,
};

/** Built in. */
export const CONFIG_MAP: KitKind = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  group: '',
  plural: 'configmaps',
  namespaced: true,
  hasStatus: false,
};

/** Built in, with a list that strategic merge and server-side apply merge by different keys. */
export const SERVICE: KitKind = {
  apiVersion: 'v1',
  kind: 'Service',
  group: '',
  plural: 'services',
  namespaced: true,
  hasStatus: true,
  mergeSchema: {
    properties: {
      spec: {
        properties: {
          selector: { 'x-kubernetes-map-type': 'atomic' },
          ports: {
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['port', 'protocol'],
            'x-kubernetes-patch-merge-key': 'port',
            'x-kubernetes-patch-strategy': 'merge',
            items: { properties: { protocol: { default: 'TCP' } } },
          },
        },
      },
    },
  },
};

const ALL: readonly KitKind[] = [GADGET, NOTE, TOOLBOX, FORM, CONFIG_MAP, SERVICE];

/** Those that a cluster does not have of itself. */
export const KIT_CUSTOM_KINDS: readonly KitKind[] = ALL.filter(({ group }) => group === GROUP);

/** All of them, for a store that asks a registry. */
export const KIT_KINDS: KindSource = {
  get: (apiVersion, kind) =>
    ALL.find((candidate) => candidate.apiVersion === apiVersion && candidate.kind === kind),
};

/** An object of the kit, with fields of every sort. */
export interface KitObject extends ApiObject<Record<string, unknown>, Record<string, unknown>> {
  data?: Record<string, string>;
}

/** A Gadget that is valid as it is. */
export function gadget(
  metadata: KitObject['metadata'],
  spec: Record<string, unknown> = { size: 1 },
): KitObject {
  return { apiVersion: GADGET.apiVersion, kind: GADGET.kind, metadata, spec };
}

/** A Form; what is valid in it is said by {@link FORM_SCHEMA}. */
export function form(
  metadata: KitObject['metadata'],
  spec: Record<string, unknown> = { size: 1 },
): KitObject {
  return { apiVersion: FORM.apiVersion, kind: FORM.kind, metadata, spec };
}

/** A ConfigMap that is valid as it is. */
export function configMap(
  metadata: KitObject['metadata'],
  data: Record<string, string> = { key: 'text' },
): KitObject {
  return { apiVersion: CONFIG_MAP.apiVersion, kind: CONFIG_MAP.kind, metadata, data };
}

/** One port of a Service, complete, so that a server has nothing to fill in. */
export function servicePort(name: string, port: number): Record<string, unknown> {
  return { name, port, protocol: 'TCP', targetPort: port };
}

/** A Service with these ports. */
export function service(
  metadata: KitObject['metadata'],
  ports: readonly Record<string, unknown>[],
): KitObject {
  return { apiVersion: SERVICE.apiVersion, kind: SERVICE.kind, metadata, spec: { ports } };
}
