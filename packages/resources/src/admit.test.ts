import { describe, expect, test } from 'vitest';
import { admit } from './admit.ts';
import { ANNOTATION_BYTES_MAX } from './metadata.ts';
import {
  admitProblems,
  admitted,
  contextWith,
  decoded,
  featuresWith,
  manifest,
  REGISTRY,
} from './testing.ts';
import type { Broker } from './kinds/eventing/broker.ts';

const SUBSCRIBER = { ref: { apiVersion: 'v1', kind: 'Service', name: 'orders' } };

/** One valid manifest of every kind. */
const VALID: readonly (readonly [string, object])[] = [
  ['Broker', manifest('Broker')],
  ['Trigger', manifest('Trigger', { spec: { broker: 'default', subscriber: SUBSCRIBER } })],
  ['Channel', manifest('Channel')],
  ['InMemoryChannel', manifest('InMemoryChannel')],
  [
    'Subscription',
    manifest('Subscription', {
      spec: {
        channel: { apiVersion: 'messaging.knative.dev/v1', kind: 'Channel', name: 'c' },
        subscriber: SUBSCRIBER,
      },
    }),
  ],
  ['Sequence', manifest('Sequence', { spec: { steps: [SUBSCRIBER] } })],
  ['Parallel', manifest('Parallel', { spec: { branches: [{ subscriber: SUBSCRIBER }] } })],
  [
    'EventType',
    manifest('EventType', {
      spec: { attributes: ['type', 'source', 'specversion', 'id'].map((name) => ({ name })) },
    }),
  ],
  ['ConfigMap', manifest('ConfigMap', { data: { a: 'b' } })],
  ['Secret', manifest('Secret', { stringData: { a: 'b' } })],
  ['Service', manifest('Service', { spec: { ports: [{ port: 80 }] } })],
  ['Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } }],
];

describe.each(VALID)('a %s', (_kind, value) => {
  test('is admitted, and admitted again unchanged', () => {
    const once = admitted(value);
    expect(admitted(once)).toEqual(once);
    expect(admitted(once, contextWith(), once)).toEqual(once);
  });

  test('with its defaults still has the shape of its kind', () => {
    expect(decoded(admitted(value))).toEqual(admitted(value));
  });

  test('is not changed by admission', () => {
    const object = decoded(value);
    const before = structuredClone(object);
    admit(REGISTRY, object, contextWith());
    expect(object).toEqual(before);
  });
});

test('an object of an unknown kind is refused', () => {
  const object = { apiVersion: 'x/v1', kind: 'Thing', metadata: { name: 'a' } };
  expect(admit(REGISTRY, object, contextWith()).errors.toString()).toBe(
    'no matches for kind "Thing" in version "x/v1": kind',
  );
});

describe('an update', () => {
  test('that changes only status and bookkeeping passes, even of an object that became invalid', () => {
    const spec = { delivery: { timeout: 'PT1S' } };
    const old = admitted<Broker>(manifest('Broker', { spec }));
    const context = contextWith({ features: featuresWith({ 'delivery-timeout': 'Disabled' }) });
    const finalized = {
      ...old,
      metadata: { ...old.metadata, finalizers: [], resourceVersion: '9' },
      status: { observedGeneration: 1 },
    };
    expect(admitProblems(finalized, context, old)).toBe('');
    const changed = { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } };
    expect(admitProblems(changed, context, old)).toBe(
      'must not set the field(s): spec.delivery.timeout',
    );
  });
});

describe('metadata', () => {
  test.each([
    [{ name: 'My_Broker' }, 'invalid value: My_Broker: metadata.name'],
    [{ name: '' }, 'missing field(s): metadata.name'],
    [{ name: '', generateName: 'Bad-' }, 'invalid value: Bad-: metadata.generateName'],
    [{ namespace: 'a.b' }, 'invalid value: a.b: metadata.namespace'],
    [{ labels: { 'a b': 'x' } }, 'invalid key name "a b": metadata.labels[a b]'],
    [{ labels: { a: 'x y' } }, 'invalid value: x y: metadata.labels[a]'],
    [{ annotations: { 'a b': 'x' } }, 'invalid key name "a b": metadata.annotations[a b]'],
  ])('%j is refused', (metadata, problem) => {
    expect(admitProblems(manifest('Broker', { metadata }))).toContain(problem);
  });

  test('has a limit for all annotations together', () => {
    const annotations = { a: 'x'.repeat(ANNOTATION_BYTES_MAX) };
    expect(admitProblems(manifest('Broker', { metadata: { annotations } }))).toMatch(
      /^expected at most 262144 bytes of annotations, found 262\d+: metadata.annotations$/,
    );
  });

  test.each([
    { name: '', generateName: 'broker-' },
    { name: 'a.b' },
    { labels: { 'example.com/a': '', b: 'v1.2' } },
    { annotations: { 'Example.com/A': 'anything at all\n' } },
  ])('%j is accepted', (metadata) => {
    expect(admitProblems(manifest('Broker', { metadata }))).toBe('');
  });
});
