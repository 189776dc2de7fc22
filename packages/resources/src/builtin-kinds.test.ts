import { describe, expect, test } from 'vitest';
import { builtinKinds } from './builtin-kinds.ts';
import { KindRegistry } from './kind.ts';
import { structuralSchema } from './openapi/structural.ts';
import { checkStructural } from './openapi/structural-problems.ts';

const KINDS = builtinKinds();

test('the kinds have the names, categories and columns of their originals', () => {
  const table = KINDS.all().map((definition) =>
    [
      `${definition.apiVersion}/${definition.kind}`,
      definition.plural,
      definition.shortNames.join(',') || '-',
      definition.categories.join(',') || '-',
      definition.printerColumns.map(({ name }) => name).join(','),
      definition.namespaced ? 'namespaced' : 'cluster',
      definition.hasStatus ? 'status' : '-',
    ].join(' '),
  );
  const eventType = 'eventtypes - all,knative,eventing Type,Source';
  const reference = 'Reference Name,Reference Kind,Description,Ready,Reason namespaced status';
  expect(table).toEqual([
    'v1/Namespace namespaces ns - Status,Age cluster status',
    'v1/ConfigMap configmaps cm - Age namespaced -',
    'v1/Secret secrets - - Type,Age namespaced -',
    'v1/Service services svc all Type,Cluster-IP,External-IP,Port(s),Age namespaced status',
    'v1/ServiceAccount serviceaccounts sa - Age namespaced -',
    'v1/Pod pods po all Status,Age,IP,Node namespaced status',
    'v1/Event events ev - Last Seen,Type,Reason,Object,Message,Age namespaced -',
    'events.k8s.io/v1/Event events ev - Last Seen,Type,Reason,Object,Message,Age namespaced -',
    'coordination.k8s.io/v1/Lease leases - - Holder,Age namespaced -',
    'apiextensions.k8s.io/v1/CustomResourceDefinition customresourcedefinitions crd,crds api-extensions Created At,Age cluster status',
    'eventing.knative.dev/v1/Broker brokers - all,knative,eventing URL,Age,Ready,Reason,Class namespaced status',
    'eventing.knative.dev/v1/Trigger triggers - all,knative,eventing Broker,Subscriber_URI,Age,Ready,Reason namespaced status',
    `eventing.knative.dev/v1beta3/EventType ${eventType},${reference}`,
    `eventing.knative.dev/v1beta2/EventType ${eventType},Schema,${reference}`,
    `eventing.knative.dev/v1beta1/EventType ${eventType},Schema,${reference}`,
    'messaging.knative.dev/v1/Channel channels ch all,knative,messaging,channel URL,Age,Ready,Reason namespaced status',
    'messaging.knative.dev/v1/InMemoryChannel inmemorychannels imc all,knative,messaging,channel URL,Age,Ready,Reason namespaced status',
    'messaging.afflux.dev/v1alpha1/DurableChannel durablechannels dch all,knative,messaging,channel URL,Age,Ready,Reason namespaced status',
    'messaging.knative.dev/v1/KafkaChannel kafkachannels kc all,knative,messaging,channel Ready,Reason,URL,Age namespaced status',
    'messaging.knative.dev/v1beta1/KafkaChannel kafkachannels kc all,knative,messaging,channel Ready,Reason,URL,Age namespaced status',
    'messaging.afflux.dev/v1alpha1/RabbitmqChannel rabbitmqchannels rch all,knative,messaging,channel URL,Age,Ready,Reason namespaced status',
    'messaging.knative.dev/v1/Subscription subscriptions sub all,knative,messaging Age,Ready,Reason namespaced status',
    'flows.knative.dev/v1/Sequence sequences - all,knative,flows URL,Age,Ready,Reason namespaced status',
    'flows.knative.dev/v1/Parallel parallels - all,knative,flows URL,Age,Ready,Reason namespaced status',
    'eventing.knative.dev/v1alpha1/KafkaSink kafkasinks ks all,knative,eventing,sink URL,Age,Ready,Reason namespaced status',
    'eventing.knative.dev/v1alpha1/RabbitmqBrokerConfig rabbitmqbrokerconfigs rmqbrokerconfig all,knative,eventing Age namespaced -',
    'rabbitmq.com/v1beta1/RabbitmqCluster rabbitmqclusters rmq all,rabbitmq Age namespaced status',
  ]);
});

test('the class of a Broker is a column only of the wide table', () => {
  const columns = KINDS.get('eventing.knative.dev/v1', 'Broker')?.printerColumns;
  expect(columns?.filter(({ priority = 0 }) => priority > 0).map(({ name }) => name)).toEqual([
    'Class',
  ]);
});

describe.each(
  KINDS.all().map(
    (definition) => [`${definition.apiVersion}/${definition.kind}`, definition] as const,
  ),
)('the schema of %s', (_name, definition) => {
  test('is structural', () => {
    const schema = structuralSchema(definition);
    expect(checkStructural({ ...schema }).toString()).toBe('');
    expect(schema.properties?.['metadata']).toEqual({ type: 'object' });
    // Hints for messages are not for clients.
    expect(JSON.stringify(schema)).not.toContain('must reference');
    expect(structuralSchema(definition)).toBe(schema);
  });
});

describe('a registry', () => {
  test('finds kinds by version and by name', () => {
    expect(KINDS.get('v1', 'Broker')).toBeUndefined();
    expect(KINDS.byKind('EventType').map(({ version }) => version)).toEqual([
      'v1beta3',
      'v1beta2',
      'v1beta1',
    ]);
    expect(KINDS.byKind('Nothing')).toEqual([]);
  });

  test('takes more kinds, but none twice', () => {
    const registry = new KindRegistry(KINDS.all());
    const [first] = KINDS.all();
    if (first === undefined) throw new Error('no kinds');
    registry.register({ ...first, kind: 'Other', plural: 'others' });
    expect(registry.get('v1', 'Other')).toBeDefined();
    expect(() => {
      registry.register(first);
    }).toThrow('kind v1/Namespace is registered twice');
    expect(() => {
      registry.register({ ...first, kind: 'Another', plural: 'others' });
    }).toThrow('resource /v1/others is registered twice');
  });

  test('finds kinds by resource, as addresses name them', () => {
    expect(KINDS.byResource('', 'v1', 'configmaps')?.kind).toBe('ConfigMap');
    expect(KINDS.byResource('eventing.knative.dev', 'v1', 'brokers')?.kind).toBe('Broker');
    expect(KINDS.byResource('eventing.knative.dev', 'v1', 'Broker')).toBeUndefined();
  });

  test('forgets a kind, and counts every change', () => {
    const registry = builtinKinds();
    const before = registry.generation;
    expect(registry.unregister('v1', 'Secret')).toBe(true);
    expect(registry.get('v1', 'Secret')).toBeUndefined();
    expect(registry.byResource('', 'v1', 'secrets')).toBeUndefined();
    expect(registry.generation).toBeGreaterThan(before);
    const after = registry.generation;
    expect(registry.unregister('v1', 'Secret')).toBe(false);
    expect(registry.generation).toBe(after);
  });

  test('is a new one every time', () => {
    expect(builtinKinds()).not.toBe(KINDS);
  });
});
