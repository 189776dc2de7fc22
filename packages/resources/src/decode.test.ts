import { describe, expect, test } from 'vitest';
import { decode } from './decode.ts';
import { decoded, decodeProblems, manifest, REGISTRY, yaml } from './testing.ts';

describe('the kind', () => {
  test.each([
    ['text', 'expected an object, found the string "text": '],
    [null, 'expected an object, found null: '],
    [[], 'expected an object, found a list: '],
    [{}, 'missing field(s): apiVersion, kind'],
    [{ apiVersion: 'v1', kind: 5 }, 'expected a string, found the number 5: kind'],
    [{ apiVersion: null, kind: '' }, 'missing field(s): apiVersion, kind'],
    [
      { apiVersion: 'eventing.knative.dev/v1', kind: 'Brokr' },
      'no matches for kind "Brokr" in version "eventing.knative.dev/v1", did you mean "Broker"?: kind',
    ],
    [
      { apiVersion: 'eventing.knative.dev/v1', kind: 'Sequense' },
      'no matches for kind "Sequense" in version "eventing.knative.dev/v1", did you mean "Sequence"?: kind',
    ],
    [
      { apiVersion: 'eventing.knative.dev/v2', kind: 'Broker' },
      'no matches for kind "Broker" in version "eventing.knative.dev/v2", Broker is in eventing.knative.dev/v1: apiVersion',
    ],
    [
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      'no matches for kind "Deployment" in version "apps/v1": kind',
    ],
  ])('%j', (value, problems) => {
    expect(decodeProblems(value)).toBe(problems);
  });

  test('no object comes with problems', () => {
    expect(decode(REGISTRY, { kind: 'Broker' }).object).toBeUndefined();
  });
});

describe('unknown fields', () => {
  test.each([
    [
      'Broker',
      { spec: { confg: {} } },
      'unknown field "confg", did you mean "config"?: spec.confg',
    ],
    [
      'Trigger',
      { spec: { filters: [{ any: [{ exakt: {} }] }], subscriber: {} } },
      'unknown field "exakt", did you mean "exact"?: spec.filters[0].any[0].exakt',
    ],
    [
      'Trigger',
      { spec: { subscriber: { ref: { nmae: 'a', kind: 'b', name: 'c' } } } },
      'unknown field "nmae", did you mean "name"?: spec.subscriber.ref.nmae',
    ],
    [
      'Broker',
      { spec: { delivery: { backoffMax: 'PT1M' } } },
      'unknown field "backoffMax", expected "deadLetterSink", "retry", "timeout", "backoffPolicy", "backoffDelay", "retryAfterMax" or "format": spec.delivery.backoffMax',
    ],
    ['Broker', { specs: {} }, 'unknown field "specs", did you mean "spec"?: specs'],
    [
      'Broker',
      { metadata: { name: 'x', lables: {} } },
      'unknown field "lables", did you mean "labels"?: metadata.lables',
    ],
    [
      'ConfigMap',
      { spec: {} },
      'unknown field "spec", expected "apiVersion", "kind", "metadata", "data", "binaryData" or "immutable": spec',
    ],
  ])('%s %j', (kind, rest, problems) => {
    expect(decodeProblems(manifest(kind, rest))).toBe(problems);
  });
});

describe('unknown fields that are dropped', () => {
  const value = manifest('Trigger', {
    extra: 1,
    spec: {
      broker: 'default',
      zzz: {},
      filters: [{ exact: { type: 'a' }, foo: 1 }],
      subscriber: { uri: 'http://a', ref2: 1 },
    },
  });

  test('are named as kube-apiserver names them, and the object is without them', () => {
    const { object, errors, dropped } = decode(REGISTRY, value, { unknownFields: 'drop' });
    expect(errors.toString()).toBe('');
    expect(dropped).toEqual(['extra', 'spec.filters[0].foo', 'spec.subscriber.ref2', 'spec.zzz']);
    expect(object).toEqual(
      manifest('Trigger', {
        spec: {
          broker: 'default',
          filters: [{ exact: { type: 'a' } }],
          subscriber: { uri: 'http://a' },
        },
      }),
    );
  });

  test('do not hide other problems', () => {
    const broken = manifest('Trigger', { spec: { zzz: 1, broker: 5, subscriber: {} } });
    const { object, errors, dropped } = decode(REGISTRY, broken, { unknownFields: 'drop' });
    expect(object).toBeUndefined();
    expect(errors.toString()).toBe('expected a string, found the number 5: spec.broker');
    expect(dropped).toEqual(['spec.zzz']);
  });

  test('T12 include __proto__', () => {
    const hostile: unknown = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"__proto__":"x","a":"b"}}',
    );
    const { object, dropped } = decode(REGISTRY, hostile, { unknownFields: 'drop' });
    expect(object).toMatchObject({ data: { a: 'b' } });
    expect(dropped).toEqual(['data.__proto__']);
  });

  test('are none where the object has only known fields', () => {
    expect(decode(REGISTRY, manifest('Broker'), { unknownFields: 'drop' }).dropped).toEqual([]);
  });
});

describe('wrong types', () => {
  test.each([
    ['ConfigMap', { data: { a: 1 } }, 'expected a string, found the number 1: data[a]'],
    ['ConfigMap', { data: { a: [null] } }, 'expected a string, found a list: data[a]'],
    [
      'Broker',
      { metadata: { annotations: { 'afflux.dev/max-in-flight': 5 } } },
      'expected a string, found the number 5: metadata.annotations[afflux.dev/max-in-flight]',
    ],
    [
      'Broker',
      { spec: { delivery: { retry: 1.5 } } },
      'expected an integer, found the number 1.5: spec.delivery.retry',
    ],
    ['Broker', { spec: [] }, 'expected an object, found a list: spec'],
    [
      'Trigger',
      { spec: { filters: [{ exact: { type: true } }], subscriber: {} } },
      'expected a string, found the boolean true: spec.filters[0].exact[type]',
    ],
  ])('%s %j', (kind, rest, problems) => {
    expect(decodeProblems(manifest(kind, rest))).toBe(problems);
  });

  test('T30 the value of a Secret is not in the message', () => {
    const problems = decodeProblems(manifest('Secret', { data: { password: 123456 } }));
    expect(problems).toBe('expected a string, found a number: data[password]');
  });
});

describe('what is missing', () => {
  test.each([
    [
      'Subscription',
      {},
      [
        'missing field(s): spec.channel\nthe Subscription must reference a channel',
        'missing field(s): spec.subscriber\nthe Subscription must reference a subscriber',
      ],
    ],
    ['Trigger', {}, ['expected at least one, got none: spec.subscriber.ref, spec.subscriber.uri']],
    ['Sequence', {}, ['missing field(s): spec.steps']],
    [
      'Parallel',
      { spec: { branches: [{}] } },
      [
        'expected at least one, got none: spec.branches[0].subscriber.ref, spec.branches[0].subscriber.uri',
      ],
    ],
    [
      'Channel',
      { spec: { channelTemplate: {} } },
      ['missing field(s): spec.channelTemplate.apiVersion, spec.channelTemplate.kind'],
    ],
    [
      'Trigger',
      { spec: { subscriber: { ref: {} } } },
      ['missing field(s): spec.subscriber.ref.kind, spec.subscriber.ref.name'],
    ],
  ])('%s %j', (kind, rest, problems) => {
    expect(decodeProblems(manifest(kind, rest))).toBe(problems.join('\n'));
  });

  test('a spec without required fields may be absent', () => {
    expect(decoded(manifest('Broker'))).toEqual({ ...manifest('Broker'), spec: {} });
  });

  test('metadata must be there', () => {
    const value = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker' };
    expect(decodeProblems(value)).toBe('missing field(s): metadata');
  });

  test('a name may be generated', () => {
    const value = { ...manifest('Broker'), metadata: { generateName: 'b-' } };
    expect(decoded(value).metadata).toEqual({ name: '', generateName: 'b-' });
  });
});

test('an object as the API server returns it is taken with all of its metadata and status', () => {
  const value = yaml(`
    apiVersion: eventing.knative.dev/v1
    kind: Broker
    metadata:
      name: default
      namespace: ns
      creationTimestamp: null
      generation: 2
      resourceVersion: "77"
      uid: 2f9b5e8e-deb6-11e8-9f32-f2801f1b9fd1
      selfLink: ""
      finalizers: [brokers.eventing.knative.dev]
      ownerReferences:
        - {apiVersion: v1, kind: ConfigMap, name: a, uid: b, controller: true, blockOwnerDeletion: true}
      managedFields:
        - manager: kubectl
          operation: Update
          apiVersion: eventing.knative.dev/v1
          time: "2026-01-01T00:00:00Z"
          fieldsType: FieldsV1
          fieldsV1: {"f:spec": {".": {}, "f:config": {}}}
          subresource: status
    spec:
      config: {apiVersion: v1, kind: ConfigMap, name: c, namespace: knative-eventing}
    status:
      observedGeneration: 2
      address: {name: http, url: http://broker-ingress.knative-eventing.svc.cluster.local/ns/default}
      annotations: {knative.dev/channelName: default-kne-trigger}
      conditions:
        - {type: Ready, status: "True", lastTransitionTime: "2026-01-01T00:00:00Z"}
        - {type: Extra, status: "Unknown", severity: Info, reason: R, message: m}
      policies: [{apiVersion: eventing.knative.dev/v1alpha1, name: p}]
  `);
  expect(decodeProblems(value)).toBe('');
  expect(decoded(value).metadata).not.toHaveProperty('creationTimestamp');
});

test('the input is not changed, and the object shares nothing with it', () => {
  const labels = Object.freeze({ a: 'b' });
  const value = Object.freeze(manifest('Broker', { metadata: { labels } }));
  const object = decoded(value);
  expect(object.metadata.labels).toEqual(labels);
  expect(object.metadata.labels).not.toBe(labels);
});
