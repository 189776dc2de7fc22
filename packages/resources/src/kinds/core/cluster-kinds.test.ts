import { describe, expect, test } from 'vitest';
import {
  admitProblems,
  admitted,
  decoded,
  decodeProblems,
  manifest,
  REGISTRY,
  yaml,
} from '../../testing.ts';

describe('objects as a kube-apiserver returns them are taken', () => {
  test.each([
    [
      'Service',
      `
apiVersion: v1
kind: Service
metadata: {name: kubernetes, namespace: ns, labels: {component: apiserver, provider: kubernetes}}
spec:
  clusterIP: 10.0.0.1
  clusterIPs: [10.0.0.1]
  internalTrafficPolicy: Cluster
  ipFamilies: [IPv4]
  ipFamilyPolicy: SingleStack
  ports: [{name: https, port: 443, protocol: TCP, targetPort: 6443, nodePort: 30000, appProtocol: http}]
  sessionAffinity: ClientIP
  sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}
  trafficDistribution: PreferClose
  type: LoadBalancer
status: {loadBalancer: {ingress: [{ip: 1.2.3.4, ipMode: VIP}]}}`,
    ],
    [
      'Event',
      `
apiVersion: v1
kind: Event
metadata: {name: orders.17c9, namespace: ns}
involvedObject: {kind: Broker, namespace: ns, name: orders, uid: u, apiVersion: eventing.knative.dev/v1, resourceVersion: "1"}
reason: BrokerReconciled
message: Broker reconciled
source: {component: broker-controller}
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T00:00:00Z"
eventTime: null
count: 1
type: Normal
reportingComponent: broker-controller
reportingInstance: ""`,
    ],
    [
      'Lease',
      `
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: controller, namespace: ns}
spec: {holderIdentity: a, leaseDurationSeconds: 15, acquireTime: "2026-01-01T00:00:00.000000Z", renewTime: "2026-01-01T00:00:00.000000Z", leaseTransitions: 1}`,
    ],
    [
      'ServiceAccount',
      `
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: ns}
secrets: [{name: token}]
imagePullSecrets: [{name: registry}]
automountServiceAccountToken: false`,
    ],
    [
      'Pod',
      `
apiVersion: v1
kind: Pod
metadata: {name: orders, namespace: ns}
spec:
  containers:
    - name: user-container
      image: example.com/orders
      env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
      ports: [{containerPort: 8080}]
      resources: {limits: {cpu: 500m}}
  restartPolicy: Always
  tolerations: [{key: a, operator: Exists}]
status:
  phase: Running
  podIP: 10.1.2.3
  podIPs: [{ip: 10.1.2.3}]
  qosClass: Burstable
  conditions: [{type: Ready, status: "True", lastProbeTime: null}]
  containerStatuses: [{name: user-container, ready: true, restartCount: 0, state: {running: {startedAt: x}}}]`,
    ],
  ])('%s', (_kind, text) => {
    expect(admitProblems(yaml(text))).toBe('');
  });
});

describe('Pod', () => {
  const pod = (spec: object) => manifest('Pod', { spec });

  test('keeps what the schema does not name', () => {
    const spec = { containers: [{ name: 'a', lifecycle: { x: 1 } }], dnsPolicy: 'Default' };
    expect(decoded(pod(spec)).spec).toEqual(spec);
  });

  test('has containers with names', () => {
    expect(decodeProblems(pod({}))).toBe('missing field(s): spec.containers');
    expect(decodeProblems(pod({ containers: [{ image: 'x' }] }))).toBe(
      'missing field(s): spec.containers[0].name',
    );
  });
});

test('an Event is in the namespace of its object', () => {
  const event = (namespace: string) =>
    manifest('Event', { involvedObject: { kind: 'Broker', name: 'b', namespace } });
  expect(admitProblems(event('ns'))).toBe('');
  expect(admitProblems(event(''))).toContain('involvedObject.namespace');
  expect(admitProblems(event('other'))).toContain('involvedObject.namespace');
  const ofCluster = { ...event(''), metadata: { name: 'e', namespace: 'default' } };
  expect(admitProblems(ofCluster)).toBe('');
});

describe('an Event of the newer form', () => {
  const newer = (fields: object = {}) => ({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'ns' },
    eventTime: '2026-01-02T03:04:05.678901Z',
    reportingController: 'example.com/ours',
    reportingInstance: 'one',
    action: 'Trying',
    reason: 'Tried',
    regarding: { kind: 'Broker', name: 'b', namespace: 'ns' },
    type: 'Normal',
    ...fields,
  });

  test('says when, who, what and why; refusals use the names of the core group', () => {
    expect(admitProblems(newer())).toBe('');
    for (const field of ['eventTime', 'reportingController', 'reportingInstance', 'reason']) {
      const { [field]: _left, ...rest } = newer() as Record<string, unknown>;
      expect(admitProblems(rest)).toContain(`missing field(s): ${field}`);
    }
    expect(admitProblems(newer({ note: 'x'.repeat(1_025) }))).toContain('message');
    expect(admitProblems(newer({ series: { count: 1 } }))).toContain('series.count');
    expect(admitProblems(newer({ deprecatedCount: 2 }))).toContain('count');
    expect(decodeProblems(newer({ message: 'x' }))).toContain('message');
  });

  test('of the core group says as much, once it has eventTime', () => {
    const involvedObject = { kind: 'Broker', name: 'b', namespace: 'ns' };
    const eventTime = '2026-01-02T03:04:05.678901Z';
    expect(admitProblems(manifest('Event', { involvedObject, eventTime }))).toContain(
      'missing field(s): action, reason, reportingComponent, reportingInstance',
    );
  });
});

test('a Namespace is in use from the beginning, and stays in the phase it has', () => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-a' } };
  expect(admitted(namespace).status).toEqual({ phase: 'Active' });
  const ending = { ...namespace, status: { phase: 'Terminating' } };
  expect(admitted(ending).status).toEqual({ phase: 'Terminating' });
});

describe('to the store', () => {
  const kind = (name: string) => REGISTRY.byKind(name).at(0);

  test('kinds of Kubernetes are marked, and ours are not', () => {
    const marked = REGISTRY.all().filter(({ isBuiltin }) => isBuiltin === true);
    expect(marked.map(({ kind: name }) => name)).toEqual([
      'Namespace',
      'ConfigMap',
      'Secret',
      'Service',
      'ServiceAccount',
      'Pod',
      'Event',
      'Event',
      'Lease',
      'CustomResourceDefinition',
    ]);
  });

  test('ports merge by port and protocol, containers by name', () => {
    const ports = kind('Service')?.mergeSchema?.properties?.['spec']?.properties?.['ports'];
    expect(ports).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      'x-kubernetes-patch-merge-key': 'port',
      'x-kubernetes-patch-strategy': 'merge',
    });
    expect(ports?.items?.properties?.['protocol']?.default).toBe('TCP');
    const containers = kind('Pod')?.mergeSchema?.properties?.['spec']?.properties?.['containers'];
    expect(containers?.['x-kubernetes-list-map-keys']).toEqual(['name']);
  });

  test('kinds without such lists have no merge schema', () => {
    for (const name of ['ConfigMap', 'Secret', 'Lease', 'Broker', 'Trigger']) {
      expect(kind(name)?.mergeSchema).toBeUndefined();
    }
  });

  test('Secrets are selected by type, Pods by phase, Events by their object', () => {
    expect(kind('Secret')?.selectableFields).toEqual(['type']);
    expect(kind('Pod')?.selectableFields).toContain('status.phase');
    expect(kind('Event')?.selectableFields).toContain('involvedObject.name');
  });
});
