/**
 * The messages of the objects that clients may send as protocol buffers: their fields by number, named as in JSON.
 * The numbers are those of `generated.proto` in Kubernetes' `api` and `apimachinery`.
 *
 * A Go client writes every field that is no pointer, set or not; JSON leaves out those that are empty. So a field
 * says whether it is a pointer: only then is a zero that was written a zero that was meant.
 */

/** What a field holds: a scalar, or a message by its name. */
type Type = string;

type Shape = 'pointer' | 'list' | 'map';

/** One field. The keys of maps are texts. */
export type Field = readonly [number: number, name: string, type: Type, shape?: Shape];

/** Messages whose JSON is no object of their fields. */
export type SpecialMessage = 'Time' | 'MicroTime' | 'IntOrString' | 'FieldsV1';

const OBJECT_META: Field = [1, 'metadata', 'ObjectMeta'];

const FIELDS = {
  ObjectMeta: [
    [1, 'name', 'string'],
    [2, 'generateName', 'string'],
    [3, 'namespace', 'string'],
    [5, 'uid', 'string'],
    [6, 'resourceVersion', 'string'],
    [7, 'generation', 'int'],
    [8, 'creationTimestamp', 'Time'],
    [9, 'deletionTimestamp', 'Time'],
    [10, 'deletionGracePeriodSeconds', 'int', 'pointer'],
    [11, 'labels', 'string', 'map'],
    [12, 'annotations', 'string', 'map'],
    [13, 'ownerReferences', 'OwnerReference', 'list'],
    [14, 'finalizers', 'string', 'list'],
    [17, 'managedFields', 'ManagedFieldsEntry', 'list'],
  ],
  OwnerReference: [
    [1, 'kind', 'string'],
    [3, 'name', 'string'],
    [4, 'uid', 'string'],
    [5, 'apiVersion', 'string'],
    [6, 'controller', 'bool', 'pointer'],
    [7, 'blockOwnerDeletion', 'bool', 'pointer'],
  ],
  ManagedFieldsEntry: [
    [1, 'manager', 'string'],
    [2, 'operation', 'string'],
    [3, 'apiVersion', 'string'],
    [4, 'time', 'Time'],
    [6, 'fieldsType', 'string'],
    [7, 'fieldsV1', 'FieldsV1'],
    [8, 'subresource', 'string'],
  ],
  DeleteOptions: [
    [1, 'gracePeriodSeconds', 'int', 'pointer'],
    [2, 'preconditions', 'Preconditions'],
    [3, 'orphanDependents', 'bool', 'pointer'],
    [4, 'propagationPolicy', 'string', 'pointer'],
    [5, 'dryRun', 'string', 'list'],
  ],
  Preconditions: [
    [1, 'uid', 'string', 'pointer'],
    [2, 'resourceVersion', 'string', 'pointer'],
  ],
  Condition: [
    [1, 'type', 'string'],
    [2, 'status', 'string'],
    [3, 'observedGeneration', 'int'],
    [4, 'lastTransitionTime', 'Time'],
    [5, 'reason', 'string'],
    [6, 'message', 'string'],
  ],
  Namespace: [OBJECT_META, [2, 'spec', 'NamespaceSpec'], [3, 'status', 'NamespaceStatus']],
  NamespaceSpec: [[1, 'finalizers', 'string', 'list']],
  NamespaceStatus: [
    [1, 'phase', 'string'],
    [2, 'conditions', 'NamespaceCondition', 'list'],
  ],
  NamespaceCondition: [
    [1, 'type', 'string'],
    [2, 'status', 'string'],
    [4, 'lastTransitionTime', 'Time'],
    [5, 'reason', 'string'],
    [6, 'message', 'string'],
  ],
  ConfigMap: [
    OBJECT_META,
    [2, 'data', 'string', 'map'],
    [3, 'binaryData', 'bytes', 'map'],
    [4, 'immutable', 'bool', 'pointer'],
  ],
  Secret: [
    OBJECT_META,
    [2, 'data', 'bytes', 'map'],
    [3, 'type', 'string'],
    [4, 'stringData', 'string', 'map'],
    [5, 'immutable', 'bool', 'pointer'],
  ],
  ServiceAccount: [
    OBJECT_META,
    [2, 'secrets', 'ObjectReference', 'list'],
    [3, 'imagePullSecrets', 'LocalObjectReference', 'list'],
    [4, 'automountServiceAccountToken', 'bool', 'pointer'],
  ],
  LocalObjectReference: [[1, 'name', 'string']],
  ObjectReference: [
    [1, 'kind', 'string'],
    [2, 'namespace', 'string'],
    [3, 'name', 'string'],
    [4, 'uid', 'string'],
    [5, 'apiVersion', 'string'],
    [6, 'resourceVersion', 'string'],
    [7, 'fieldPath', 'string'],
  ],
  Service: [OBJECT_META, [2, 'spec', 'ServiceSpec'], [3, 'status', 'ServiceStatus']],
  ServiceSpec: [
    [1, 'ports', 'ServicePort', 'list'],
    [2, 'selector', 'string', 'map'],
    [3, 'clusterIP', 'string'],
    [4, 'type', 'string'],
    [5, 'externalIPs', 'string', 'list'],
    [7, 'sessionAffinity', 'string'],
    [8, 'loadBalancerIP', 'string'],
    [9, 'loadBalancerSourceRanges', 'string', 'list'],
    [10, 'externalName', 'string'],
    [11, 'externalTrafficPolicy', 'string'],
    [12, 'healthCheckNodePort', 'int'],
    [13, 'publishNotReadyAddresses', 'bool'],
    [14, 'sessionAffinityConfig', 'SessionAffinityConfig'],
    [17, 'ipFamilyPolicy', 'string', 'pointer'],
    [18, 'clusterIPs', 'string', 'list'],
    [19, 'ipFamilies', 'string', 'list'],
    [20, 'allocateLoadBalancerNodePorts', 'bool', 'pointer'],
    [21, 'loadBalancerClass', 'string', 'pointer'],
    [22, 'internalTrafficPolicy', 'string', 'pointer'],
    [23, 'trafficDistribution', 'string', 'pointer'],
  ],
  ServicePort: [
    [1, 'name', 'string'],
    [2, 'protocol', 'string'],
    [3, 'port', 'int'],
    [4, 'targetPort', 'IntOrString'],
    [5, 'nodePort', 'int'],
    [6, 'appProtocol', 'string', 'pointer'],
  ],
  SessionAffinityConfig: [[1, 'clientIP', 'ClientIPConfig']],
  ClientIPConfig: [[1, 'timeoutSeconds', 'int', 'pointer']],
  ServiceStatus: [
    [1, 'loadBalancer', 'LoadBalancerStatus'],
    [2, 'conditions', 'Condition', 'list'],
  ],
  LoadBalancerStatus: [[1, 'ingress', 'LoadBalancerIngress', 'list']],
  LoadBalancerIngress: [
    [1, 'ip', 'string'],
    [2, 'hostname', 'string'],
    [3, 'ipMode', 'string', 'pointer'],
    [4, 'ports', 'PortStatus', 'list'],
  ],
  PortStatus: [
    [1, 'port', 'int'],
    [2, 'protocol', 'string'],
    [3, 'error', 'string', 'pointer'],
  ],
  Event: [
    OBJECT_META,
    [2, 'involvedObject', 'ObjectReference'],
    [3, 'reason', 'string'],
    [4, 'message', 'string'],
    [5, 'source', 'EventSource'],
    [6, 'firstTimestamp', 'Time'],
    [7, 'lastTimestamp', 'Time'],
    [8, 'count', 'int'],
    [9, 'type', 'string'],
    [10, 'eventTime', 'MicroTime'],
    [11, 'series', 'EventSeries'],
    [12, 'action', 'string'],
    [13, 'related', 'ObjectReference'],
    [14, 'reportingComponent', 'string'],
    [15, 'reportingInstance', 'string'],
  ],
  EventSource: [
    [1, 'component', 'string'],
    [2, 'host', 'string'],
  ],
  EventSeries: [
    [1, 'count', 'int'],
    [2, 'lastObservedTime', 'MicroTime'],
  ],
  Lease: [OBJECT_META, [2, 'spec', 'LeaseSpec']],
  LeaseSpec: [
    [1, 'holderIdentity', 'string', 'pointer'],
    [2, 'leaseDurationSeconds', 'int', 'pointer'],
    [3, 'acquireTime', 'MicroTime'],
    [4, 'renewTime', 'MicroTime'],
    [5, 'leaseTransitions', 'int', 'pointer'],
    [6, 'strategy', 'string', 'pointer'],
    [7, 'preferredHolder', 'string', 'pointer'],
  ],
  SelfSubjectAccessReview: [OBJECT_META, [2, 'spec', 'SelfSubjectAccessReviewSpec']],
  SelfSubjectAccessReviewSpec: [
    [1, 'resourceAttributes', 'ResourceAttributes'],
    [2, 'nonResourceAttributes', 'NonResourceAttributes'],
  ],
  ResourceAttributes: [
    [1, 'namespace', 'string'],
    [2, 'verb', 'string'],
    [3, 'group', 'string'],
    [4, 'version', 'string'],
    [5, 'resource', 'string'],
    [6, 'subresource', 'string'],
    [7, 'name', 'string'],
  ],
  NonResourceAttributes: [
    [1, 'path', 'string'],
    [2, 'verb', 'string'],
  ],
  SelfSubjectRulesReview: [OBJECT_META, [2, 'spec', 'SelfSubjectRulesReviewSpec']],
  SelfSubjectRulesReviewSpec: [[1, 'namespace', 'string']],
  SelfSubjectReview: [OBJECT_META],
} as const satisfies Readonly<
  Record<string, readonly (readonly [number, string, string, Shape?])[]>
>;

/** Objects that a body may be, by apiVersion and kind. */
const OBJECTS: ReadonlySet<string> = new Set([
  'v1 Namespace',
  'v1 ConfigMap',
  'v1 Secret',
  'v1 ServiceAccount',
  'v1 Service',
  'v1 Event',
  'coordination.k8s.io/v1 Lease',
  'authorization.k8s.io/v1 SelfSubjectAccessReview',
  'authorization.k8s.io/v1 SelfSubjectRulesReview',
  'authentication.k8s.io/v1 SelfSubjectReview',
]);

const BY_NAME: Readonly<Record<string, readonly Field[]>> = FIELDS;

/** Fields of a message that is an object of its fields. */
export function fieldsOf(message: string): ReadonlyMap<number, Field> {
  return new Map((BY_NAME[message] ?? []).map((field) => [field[0], field]));
}

/** The message of an object; undefined for what is not read in this form. */
export function messageOf(apiVersion: string, kind: string): string | undefined {
  // Every group has its own name for these, and they are the same.
  if (kind === 'DeleteOptions') return kind;
  return OBJECTS.has(`${apiVersion} ${kind}`) ? kind : undefined;
}
