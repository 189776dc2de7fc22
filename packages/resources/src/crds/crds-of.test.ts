import { expect, test } from 'vitest';
import { builtinKinds } from '../builtin-kinds.ts';
import { KindRegistry } from '../kind.ts';
import type { CustomResourceDefinition } from '../kinds/apiextensions/custom-resource-definition.ts';
import { kindsOfCrd } from '../kinds/apiextensions/kinds-of-crd.ts';
import type { StructuralSchema } from '../openapi/structural-schema.ts';
import { admitProblems, manifest } from '../testing.ts';
import { crdsOf } from './crds-of.ts';

const CRDS = crdsOf(builtinKinds());

function crd(name: string): CustomResourceDefinition {
  const found = CRDS.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no CRD ${name}`);
  return found;
}

test('there is one for each kind of eventing and of ours, with all versions, one of them stored', () => {
  const table = CRDS.map(({ metadata, spec }) =>
    [
      metadata.name,
      ...spec.versions.map(({ name, storage }) => (storage ? `${name}*` : name)),
    ].join(' '),
  );
  expect(table).toEqual([
    'brokers.eventing.knative.dev v1*',
    'triggers.eventing.knative.dev v1*',
    'eventtypes.eventing.knative.dev v1beta3 v1beta2* v1beta1',
    'channels.messaging.knative.dev v1*',
    'inmemorychannels.messaging.knative.dev v1*',
    'durablechannels.messaging.afflux.dev v1alpha1*',
    'kafkachannels.messaging.knative.dev v1 v1beta1*',
    'rabbitmqchannels.messaging.afflux.dev v1alpha1*',
    'subscriptions.messaging.knative.dev v1*',
    'sequences.flows.knative.dev v1*',
    'parallels.flows.knative.dev v1*',
    'kafkasinks.eventing.knative.dev v1alpha1*',
    'rabbitmqbrokerconfigs.eventing.knative.dev v1alpha1*',
  ]);
});

test('each is a valid CustomResourceDefinition', () => {
  expect(CRDS.map((one) => admitProblems(one))).toEqual(CRDS.map(() => ''));
});

test('labels say what the objects can do', () => {
  expect(crd('inmemorychannels.messaging.knative.dev').metadata.labels).toEqual({
    'knative.dev/crd-install': 'true',
    'duck.knative.dev/addressable': 'true',
    'messaging.knative.dev/subscribable': 'true',
  });
  expect(crd('triggers.eventing.knative.dev').metadata.labels).toEqual({
    'knative.dev/crd-install': 'true',
  });
});

test('status is a subresource where the kind has one', () => {
  expect(crd('brokers.eventing.knative.dev').spec.versions[0]?.subresources).toEqual({
    status: {},
  });
  const config = crd('rabbitmqbrokerconfigs.eventing.knative.dev');
  expect(config.spec.versions[0]?.subresources).toBeUndefined();
});

test('a version also has the fields of the others, so that nothing is lost between them', () => {
  const { versions } = crd('eventtypes.eventing.knative.dev').spec;
  const specs = versions.map(
    ({ schema }) => (schema?.openAPIV3Schema as StructuralSchema).properties?.['spec'],
  );
  const [newest, stored] = specs;
  expect(Object.keys(stored?.properties ?? {})).toContain('attributes');
  expect(Object.keys(newest?.properties ?? {})).toContain('schemaData');
  expect(stored?.required).toEqual(['type']);
  expect(newest?.required).toEqual(['attributes']);
  // A rule about a field that an object of this version does not have would be in its way.
  expect(stored?.properties?.['attributes']?.['x-kubernetes-validations']).toBeUndefined();
});

test('kinds of users, of Kubernetes and of other projects have none of ours', () => {
  const registry = new KindRegistry(kindsOfCrd(crd('brokers.eventing.knative.dev')));
  expect(crdsOf(registry)).toEqual([]);
  expect(CRDS.map(({ spec }) => spec.names.kind)).not.toContain('RabbitmqCluster');
});

test('the kind that a CRD of ours makes takes what our own kind takes', () => {
  const [broker] = kindsOfCrd(crd('brokers.eventing.knative.dev'));
  const value = manifest('Broker', { spec: { delivery: { retry: 3 } } });
  expect(broker?.check(value).errors.toString()).toBe('');
  const wrong = manifest('Broker', { spec: { delivery: { retry: -1 } } });
  expect(broker?.check(wrong).errors.toString()).toBe(
    'invalid value: -1: spec.delivery.retry\nexpected a number of at least 0',
  );
});
