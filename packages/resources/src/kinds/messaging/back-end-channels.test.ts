import { describe, expect, test } from 'vitest';
import { admitProblems, admitted, contextWith, decodeProblems, manifest } from '../../testing.ts';
import type { DurableChannel } from './durable-channel.ts';
import type { KafkaChannel } from './kafka-channel.ts';
import type { RabbitmqChannel } from './rabbitmq-channel.ts';
import { retentionBytes, retentionMs } from './retention.ts';

const SUBSCRIBER = { uid: 'u1', generation: 1, subscriberUri: 'http://a' };

describe.each([
  ['DurableChannel', {}],
  ['KafkaChannel', {}],
  ['RabbitmqChannel', { rabbitmqBrokerConfigRef: { name: 'r' } }],
])('%s', (kind, spec) => {
  test('has what every channel has', () => {
    const channel = admitted(manifest(kind, { spec }));
    expect(channel.metadata.annotations).toEqual({ 'messaging.knative.dev/subscribable': 'v1' });
    const changed = manifest(kind, { spec: { ...spec, subscribers: [SUBSCRIBER] } });
    expect(admitProblems(changed, contextWith({ user: 'controller' }), channel)).toBe('');
    expect(admitProblems(changed, contextWith({ user: 'ann' }), channel)).toContain(
      'spec.subscribers',
    );
    const delivery = { ...spec, delivery: { backoffDelay: 'soon' } };
    expect(admitProblems(manifest(kind, { spec: delivery }))).toContain(
      'spec.delivery.backoffDelay',
    );
  });
});

describe('DurableChannel', () => {
  test('defaults', () => {
    expect(admitted<DurableChannel>(manifest('DurableChannel')).spec).toEqual({
      ordering: 'unordered',
    });
  });

  test.each([
    [{ retentionDuration: 'PT168H', retentionBytes: '10GiB', ordering: 'ordered' }, ''],
    [{ retentionDuration: '168h' }, ''],
    [
      { retentionDuration: 'a week' },
      'invalid value: a week: spec.retentionDuration\nexpected a duration of zero or more such as PT168H or 168h',
    ],
    [
      { retentionDuration: '-PT1S' },
      'invalid value: -PT1S: spec.retentionDuration\nexpected a duration of zero or more such as PT168H or 168h',
    ],
    [
      { retentionBytes: 'much' },
      'invalid value: much: spec.retentionBytes\nexpected a size of at least 1048576 bytes such as 10GiB',
    ],
    [
      { retentionBytes: '1KiB' },
      'invalid value: 1KiB: spec.retentionBytes\nexpected a size of at least 1048576 bytes such as 10GiB',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(manifest('DurableChannel', { spec }))).toBe(problems);
  });

  test('everything may change', () => {
    const old = admitted(manifest('DurableChannel', { spec: { retentionBytes: '1GiB' } }));
    const spec = { retentionBytes: '2GiB', ordering: 'ordered' };
    expect(admitProblems(manifest('DurableChannel', { spec }), contextWith(), old)).toBe('');
  });

  test('an ordering that is none', () => {
    const spec = { ordering: 'sorted' };
    expect(decodeProblems(manifest('DurableChannel', { spec }))).toContain('spec.ordering');
  });
});

describe.each(['messaging.knative.dev/v1beta1', 'messaging.knative.dev/v1'])(
  'KafkaChannel of %s',
  (apiVersion) => {
    const channel = (spec: object) => manifest('KafkaChannel', { apiVersion, spec });

    test('defaults are those of Knative', () => {
      expect(admitted<KafkaChannel>(channel({})).spec).toEqual({
        numPartitions: 1,
        replicationFactor: 1,
        retentionDuration: 'PT168H',
      });
      expect(
        admitted<KafkaChannel>(channel({ retentionDuration: '' })).spec.retentionDuration,
      ).toBe('PT168H');
    });

    test.each([
      [{ numPartitions: 0 }, 'invalid value: 0: spec.numPartitions\nexpected a number above zero'],
      [
        { replicationFactor: -1 },
        'invalid value: -1: spec.replicationFactor\nexpected a number above zero',
      ],
      [
        { retentionDuration: 'long' },
        'invalid value: long: spec.retentionDuration\nexpected a duration of zero or more such as PT168H or 168h',
      ],
    ])('%j is refused', (spec, problems) => {
      expect(admitProblems(channel(spec))).toBe(problems);
    });

    test.each([
      [{ numPartitions: 2 }],
      [{ replicationFactor: 3 }],
      [{ retentionDuration: 'PT1H' }],
    ])('%j cannot be changed to', (spec) => {
      const old = admitted(channel({}));
      expect(admitProblems(channel(spec), contextWith(), old)).toContain(
        'Immutable fields changed (-old +new): spec',
      );
    });

    test('delivery may change, and a channel without retention may get one', () => {
      const old = admitted<KafkaChannel>(channel({}));
      expect(admitProblems(channel({ delivery: { retry: 3 } }), contextWith(), old)).toBe('');
      const stored = { ...old, spec: { numPartitions: 1, replicationFactor: 1 } };
      const next = channel({ retentionDuration: 'PT1H' });
      expect(admitProblems(next, contextWith(), stored)).toBe('');
    });
  },
);

describe('RabbitmqChannel', () => {
  const channel = (spec: object) => manifest('RabbitmqChannel', { spec });

  test('defaults', () => {
    const reference = { connectionSecret: { name: 's' } };
    const own = admitted<RabbitmqChannel>(channel({ rabbitmqClusterReference: reference }));
    expect(own.spec).toEqual({
      rabbitmqClusterReference: { ...reference, namespace: 'ns' },
      queueType: 'quorum',
    });
    const by = admitted<RabbitmqChannel>(channel({ rabbitmqBrokerConfigRef: { name: 'r' } }));
    expect(by.spec).toEqual({ rabbitmqBrokerConfigRef: { name: 'r', namespace: 'ns' } });
  });

  test.each([
    [
      {},
      'missing field(s): spec.rabbitmqBrokerConfigRef, spec.rabbitmqClusterReference\nexpected exactly one, got neither',
    ],
    [
      { rabbitmqBrokerConfigRef: { name: 'r' }, rabbitmqClusterReference: { name: 'c' } },
      'expected exactly one, got both: spec.rabbitmqBrokerConfigRef, spec.rabbitmqClusterReference',
    ],
    [
      { rabbitmqBrokerConfigRef: { name: 'r' }, vhost: 'v' },
      'must not set the field(s): spec.vhost',
    ],
    [
      { rabbitmqClusterReference: { name: 'c', connectionSecret: { name: 's' } } },
      'expected exactly one, got both: spec.rabbitmqClusterReference.connectionSecret.name, spec.rabbitmqClusterReference.name',
    ],
  ])('%j is refused', (spec, problems) => {
    expect(admitProblems(channel(spec))).toBe(problems);
  });

  test('where it is cannot be changed', () => {
    const old = admitted(channel({ rabbitmqBrokerConfigRef: { name: 'r' } }));
    const next = channel({ rabbitmqBrokerConfigRef: { name: 'q' } });
    expect(admitProblems(next, contextWith(), old)).toContain('Immutable fields changed');
  });
});

test.each([
  ['PT1S', 1_000],
  ['1h', 3_600_000],
  ['PT0S', 0],
  ['-1s', undefined],
  ['P1000000D', undefined],
  ['', undefined],
])('retention %j is %s ms', (text, ms) => {
  expect(retentionMs(text)).toBe(ms);
});

test('retention in bytes', () => {
  expect(retentionBytes('1MiB')).toBe(1024 * 1024);
  expect(retentionBytes('lots')).toBeUndefined();
});
