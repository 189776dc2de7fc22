/**
 * The kinds that the store kit uses. A back-end under test must serve them with an open schema (any fields in
 * `spec` and `status`) and without defaulting: for a cluster, as CustomResourceDefinitions made from this data.
 * ConfigMaps stand for the built-in kinds.
 */
import type { ApiObject } from '@afflux/resources';
import type { GroupVersionKind, KindSource, StoredKind } from '../store/resource-store.ts';

type KitKind = GroupVersionKind & StoredKind;

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

/** Built in. */
export const CONFIG_MAP: KitKind = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  group: '',
  plural: 'configmaps',
  namespaced: true,
  hasStatus: false,
};

/** All of them, for a store that asks a registry. */
export const KIT_KINDS: KindSource = {
  get: (apiVersion, kind) =>
    [GADGET, NOTE, TOOLBOX, CONFIG_MAP].find(
      (candidate) => candidate.apiVersion === apiVersion && candidate.kind === kind,
    ),
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

/** A ConfigMap that is valid as it is. */
export function configMap(
  metadata: KitObject['metadata'],
  data: Record<string, string> = { key: 'text' },
): KitObject {
  return { apiVersion: CONFIG_MAP.apiVersion, kind: CONFIG_MAP.kind, metadata, data };
}
