import { describe, expect, test } from 'vitest';
import { BROKER_CLASS } from '../../annotations.ts';
import type { BrokerDefaults } from '../../config/broker-defaults.ts';
import { SHIPPED_BROKER_DEFAULTS } from '../../config/broker-defaults.ts';
import { admitProblems, admitted, contextWith, featuresWith, manifest } from '../../testing.ts';
import type { Broker } from './broker.ts';
import { BROKER_CONDITIONS, MT_BROKER_CONDITIONS } from './broker.ts';

const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', name: 'name' };

function broker(spec: object = {}, annotations: Record<string, string> = {}): object {
  return manifest('Broker', { metadata: { annotations }, spec });
}

/** A context whose cluster defaults have these besides the shipped ones. */
function clusterDefaults(changes: NonNullable<BrokerDefaults['clusterDefault']>) {
  const clusterDefault = { ...SHIPPED_BROKER_DEFAULTS.clusterDefault, ...changes };
  return contextWith({ brokerDefaults: { clusterDefault } });
}

describe('defaults', () => {
  test('give a bare Broker class, configuration and delivery', () => {
    const { metadata, spec } = admitted<Broker>(manifest('Broker'));
    expect(metadata.annotations).toEqual({ [BROKER_CLASS]: 'MTChannelBasedBroker' });
    expect(spec).toEqual({
      config: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: 'config-br-default-channel',
        namespace: 'knative-eventing',
      },
      delivery: { retry: 10, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S' },
    });
  });

  test('leave a delivery alone that says anything, even nothing', () => {
    expect(admitted<Broker>(broker({ delivery: {} })).spec.delivery).toEqual({});
    expect(admitted<Broker>(broker({ delivery: { retry: 1 } })).spec.delivery).toEqual({
      retry: 1,
    });
  });

  test('give configuration and dead letter sink the namespace of the Broker', () => {
    const deadLetterSink = { ref: { apiVersion: 'v1', kind: 'Service', name: 'dead' } };
    const { spec } = admitted<Broker>(broker({ config: CONFIG, delivery: { deadLetterSink } }));
    expect(spec.config?.namespace).toBe('ns');
    expect(spec.delivery?.deadLetterSink?.ref?.namespace).toBe('ns');
  });

  test('cover every field of delivery', () => {
    const delivery = {
      deadLetterSink: { uri: 'http://dead' },
      retry: 1,
      timeout: 'PT1S',
      backoffPolicy: 'linear',
      backoffDelay: 'PT1S',
      retryAfterMax: 'PT1S',
      format: 'json',
    } as const;
    const features = featuresWith({ 'delivery-retryafter': 'Enabled' });
    const context = { ...clusterDefaults({ delivery }), features };
    expect(admitted<Broker>(broker(), context).spec.delivery).toEqual(delivery);
  });

  test('leave out what a feature flag forbids, so that no Broker is invalid by default', () => {
    const context = {
      ...clusterDefaults({ delivery: { retry: 1, timeout: 'PT1S', retryAfterMax: 'PT1S' } }),
      features: featuresWith({ 'delivery-timeout': 'Disabled' }),
    };
    expect(admitted<Broker>(broker(), context).spec.delivery).toEqual({ retry: 1 });
  });

  test('are those of the class, for a Broker with a configuration of its own too', () => {
    const context = clusterDefaults({
      brokerClasses: { Kafka: { ...CONFIG, name: 'kafka', delivery: { retry: 3 } } },
    });
    const kafka = { [BROKER_CLASS]: 'Kafka' };
    expect(admitted<Broker>(broker({}, kafka), context).spec).toEqual({
      config: { ...CONFIG, name: 'kafka', namespace: 'ns' },
      delivery: { retry: 3 },
    });
    expect(admitted<Broker>(broker({ config: CONFIG }, kafka), context).spec.delivery).toEqual({
      retry: 3,
    });
  });

  test('of nobody leave the Broker without a class, which is an error', () => {
    const context = contextWith({ brokerDefaults: {} });
    expect(admitProblems(broker(), context)).toBe(
      'missing field(s): eventing.knative.dev/broker.class',
    );
  });
});

describe('rules', () => {
  test('the class must not be empty, and may be one we do not serve', () => {
    expect(admitProblems(broker({}, { [BROKER_CLASS]: '' }))).toBe(
      'missing field(s): eventing.knative.dev/broker.class',
    );
    expect(admitProblems(broker({}, { [BROKER_CLASS]: 'Kafka' }))).toBe('');
  });

  test.each([
    [{ config: { kind: 'ConfigMap', name: 'a' } }, 'missing field(s): spec.config.apiVersion'],
    [{ config: { ...CONFIG, name: '' } }, 'missing field(s): spec.config.name'],
    [{ config: { ...CONFIG, group: 'x' } }, 'must not set the field(s): spec.config.group'],
    [
      { delivery: { deadLetterSink: { uri: 'nowhere' } } },
      'invalid value: Relative URI is not allowed when Ref and [apiVersion, kind, name] is absent: spec.delivery.deadLetterSink.uri',
    ],
    [
      { delivery: { retryAfterMax: 'PT1S' } },
      'must not set the field(s): spec.delivery.retryAfterMax',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(broker(spec))).toBe(problems);
  });

  test('format and timeout are accepted', () => {
    expect(admitProblems(broker({ delivery: { format: 'json', timeout: 'PT5S' } }))).toBe('');
  });

  const elsewhere = broker({ config: { ...CONFIG, namespace: 'other' } });
  const mismatch =
    'mismatched namespaces: spec.config.namespace\nparent namespace: "ns" does not match ref: "other"';

  test.each([
    ['by default', {}, ''],
    [
      'unless the cluster forbids it',
      { clusterDefault: { disallowDifferentNamespaceConfig: true } },
      mismatch,
    ],
    [
      'unless the namespace forbids it',
      { namespaceDefaults: { ns: { disallowDifferentNamespaceConfig: true } } },
      mismatch,
    ],
    [
      'when another namespace forbids it',
      { namespaceDefaults: { x: { disallowDifferentNamespaceConfig: true } } },
      '',
    ],
  ])('the configuration may be in another namespace %s', (_title, defaults, problems) => {
    const clusterDefault = {
      brokerClass: 'A',
      ...('clusterDefault' in defaults ? defaults.clusterDefault : {}),
    };
    const context = contextWith({ brokerDefaults: { ...defaults, clusterDefault } });
    expect(admitProblems(elsewhere, context)).toBe(problems);
  });

  test.each(['yes', '', '2'])('the annotation async-handler must be a Boolean, not %j', (text) => {
    const key = 'messaging.knative.dev/async-handler';
    expect(admitProblems(broker({}, { [key]: text }))).toBe(
      `invalid value: ${text}: metadata.annotations[${key}]\nexpected "true" or "false"`,
    );
    expect(admitProblems(broker({}, { [key]: 'TRUE' }))).toBe('');
  });
});

describe('updates', () => {
  const old = admitted<Broker>(broker({ config: CONFIG }));

  test('may change delivery, labels and other annotations', () => {
    const changed = { ...old, spec: { ...old.spec, delivery: { retry: 1 } } };
    expect(admitProblems(changed, contextWith(), old)).toBe('');
    const metadata = {
      ...old.metadata,
      labels: { a: 'b' },
      annotations: { ...old.metadata.annotations, note: 'x' },
    };
    expect(admitProblems({ ...old, metadata }, contextWith(), old)).toBe('');
  });

  test('may not change the configuration', () => {
    const changed = broker({ config: { ...CONFIG, name: 'name2' } });
    expect(admitProblems(changed, contextWith(), old)).toBe(
      'Immutable fields changed (-old +new): spec\n{v1.BrokerSpec}.Config.Name:\n\t-: "name"\n\t+: "name2"\n',
    );
  });

  test('may not change the class', () => {
    const changed = broker({ config: CONFIG }, { [BROKER_CLASS]: 'SomeOtherBrokerClass' });
    expect(admitProblems(changed, contextWith(), old)).toBe(
      'Immutable annotations changed (-old +new): annotations\n{string}:\n\t-: "MTChannelBasedBroker"\n\t+: "SomeOtherBrokerClass"\n',
    );
  });
});

test('the dead letter sink counts for readiness in general, and only informs in an MT Broker', () => {
  expect([...BROKER_CONDITIONS.dependents].sort()).toEqual([
    'Addressable',
    'DeadLetterSinkResolved',
    'EventPoliciesReady',
    'FilterReady',
    'IngressReady',
    'TriggerChannelReady',
  ]);
  const mark = { type: 'DeadLetterSinkResolved', reason: 'R', now: '2026-01-01T00:00:00Z' };
  expect(MT_BROKER_CONDITIONS.markFalse({}, mark)).toMatchObject([{ severity: 'Info' }]);
});
