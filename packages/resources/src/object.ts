/**
 * The shape every API object shares, whatever its kind. These types are structural on purpose: the store and
 * the controllers handle objects of kinds that this package has never heard of (a sink of any Addressable
 * kind, for instance). The schemas of the kinds we own refine them.
 *
 * Glossary: an *event* is a CloudEvent; a *change* is something that happened to an object in the store.
 */

/** `status` of a condition. */
export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** One condition of `status.conditions`. An absent severity means Error: the condition counts for readiness. */
export interface Condition {
  type: string;
  status: ConditionStatus;
  severity?: 'Warning' | 'Info';
  /** RFC 3339; changes whenever any other field of the condition does. */
  lastTransitionTime?: string;
  /** CamelCase word for programs. */
  reason?: string;
  /** Sentence for people. */
  message?: string;
}

/** `status.conditions`: at most one per type, sorted by type. */
export type Conditions = readonly Condition[];

/** Says that the object belongs to another one of its namespace and goes with it. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  /** At most one owner is the controller. */
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** One entry of `metadata.managedFields`; carried, never read. */
export interface ManagedFields {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

/** Kubernetes' object metadata, in full. */
export interface ObjectMeta {
  name: string;
  /** The store appends five random characters when `name` is empty. */
  generateName?: string;
  namespace?: string;
  uid?: string;
  /** Opaque; compare only for equality. */
  resourceVersion?: string;
  /** Counts changes of what is wanted (not of metadata and status); begins at 1. */
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFields[];
  selfLink?: string;
}

/** Any API object. Fields outside spec and status (`data` of a ConfigMap) belong to the types of their kinds. */
export interface ApiObject<Spec = unknown, Status = unknown> {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: Spec;
  status?: Status;
}

/** What is common to the status of all Knative kinds. */
export interface KnativeStatus {
  observedGeneration?: number;
  conditions?: Condition[];
  annotations?: Record<string, string>;
}
