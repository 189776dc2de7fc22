/** Objects as they come from a server or a manifest, and the words that kubectl has for them. */
import type { ApiResource } from '@afflux/control-kubernetes';

export interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: unknown;
  readonly finalizers?: readonly string[];
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface ObjectList {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly KubeObject[];
}

/** `broker.eventing.knative.dev`, `pod`. */
export function kindWord({ kind, group }: Pick<ApiResource, 'kind' | 'group'>): string {
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}`;
}

/** `broker.eventing.knative.dev/main`. */
export function objectWord(resource: Pick<ApiResource, 'kind' | 'group'>, name: string): string {
  return `${kindWord(resource)}/${name}`;
}

/** The group of an apiVersion; empty for the core. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** Without the bookkeeping of who wrote which field, which nobody wants to read. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
