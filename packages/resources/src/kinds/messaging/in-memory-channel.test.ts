import { describe, expect, test } from 'vitest';
import { isAnnotationTrue } from '../annotation-rules.ts';
import { admitProblems, admitted, contextWith, manifest } from '../../testing.ts';
import type { InMemoryChannel } from './in-memory-channel.ts';
import { IN_MEMORY_CHANNEL_CONDITIONS } from './in-memory-channel.ts';

const SUBSCRIBER = { uid: 'u1', generation: 1, subscriberUri: 'http://a' };

function channel(spec: object = {}, annotations: Record<string, string> = {}): object {
  return manifest('InMemoryChannel', { metadata: { annotations }, spec });
}

test('defaults are the subscribable version and the namespace of the dead letter sink', () => {
  const delivery = { deadLetterSink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'd' } } };
  const { metadata, spec } = admitted<InMemoryChannel>(channel({ delivery }));
  expect(metadata.annotations).toEqual({ 'messaging.knative.dev/subscribable': 'v1' });
  expect(spec.delivery?.deadLetterSink?.ref?.namespace).toBe('ns');
  const own = admitted(channel({}, { 'messaging.knative.dev/subscribable': 'v1beta1' }));
  expect(own.metadata.annotations).toEqual({ 'messaging.knative.dev/subscribable': 'v1beta1' });
});

describe('rules', () => {
  test.each([
    [{ subscribers: [SUBSCRIBER, { uid: 'u2', replyUri: 'http://b' }] }, ''],
    [
      { subscribers: [SUBSCRIBER, { uid: 'u2' }] },
      'missing field(s): spec.subscribers[1].replyUri, spec.subscribers[1].subscriberUri\nexpected at least one of, got none',
    ],
    [
      { delivery: { backoffDelay: 'soon' } },
      'invalid value: soon: spec.delivery.backoffDelay\nexpected an ISO 8601 duration such as PT0.2S',
    ],
    [
      { delivery: { retryAfterMax: 'PT1S' } },
      'must not set the field(s): spec.delivery.retryAfterMax',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(channel(spec))).toBe(problems);
  });

  test.each([
    ['cluster', ''],
    ['namespace', ''],
    [
      'galaxy',
      "invalid value: galaxy: metadata.annotations[eventing.knative.dev/scope]\nexpected either 'cluster' or 'namespace'",
    ],
  ])('scope %s', (scope, problems) => {
    expect(admitProblems(channel({}, { 'eventing.knative.dev/scope': scope }))).toBe(problems);
  });

  test('async-handler must be a Boolean', () => {
    const key = 'messaging.knative.dev/async-handler';
    expect(admitProblems(channel({}, { [key]: 'true' }))).toBe('');
    expect(admitProblems(channel({}, { [key]: 'maybe' }))).toBe(
      `invalid value: maybe: metadata.annotations[${key}]\nexpected "true" or "false"`,
    );
  });

  test.each([
    ['true', true],
    ['1', true],
    ['T', true],
    ['false', false],
    ['0', false],
    ['yes', false],
  ])('a Boolean annotation %s reads as %s', (text, expected) => {
    expect(isAnnotationTrue({ key: text }, 'key')).toBe(expected);
    expect(isAnnotationTrue(undefined, 'key')).toBe(false);
  });
});

describe('subscribers', () => {
  const old = admitted<InMemoryChannel>(channel());
  const changed = channel({ subscribers: [SUBSCRIBER] });

  test.each(['controller', 'system:serviceaccount:knative-eventing:eventing-controller'])(
    'may be changed by %s',
    (user) => {
      expect(admitProblems(changed, contextWith({ user }), old)).toBe('');
    },
  );

  test('may not be changed by anybody else', () => {
    expect(admitProblems(changed, contextWith({ user: 'ann' }), old)).toBe(
      'Channel.Spec.Subscribers changed by user ann which was not the system:serviceaccount:knative-eventing:eventing-controller service account: spec.subscribers\n' +
        '{[]v1.SubscriberSpec}.[0]:\n\t+: "{\\"uid\\":\\"u1\\",\\"generation\\":1,\\"subscriberUri\\":\\"http://a\\"}"\n'
          .replaceAll('\\', '')
          .replace('.[0]', '[0]'),
    );
  });

  test('may not be changed by nobody in particular', () => {
    expect(admitProblems(changed, contextWith(), old)).toContain('spec.subscribers');
  });

  test('the service account is that of the system namespace', () => {
    const user = 'system:serviceaccount:knative-eventing:eventing-controller';
    const context = contextWith({ user, systemNamespace: 'elsewhere' });
    expect(admitProblems(changed, context, old)).toContain('system:serviceaccount:elsewhere:');
  });

  test('may be given at creation, and stay as they are', () => {
    const first = admitted<InMemoryChannel>(changed);
    const labelled = { ...first, metadata: { ...first.metadata, labels: { a: 'b' } } };
    expect(admitProblems(labelled, contextWith({ user: 'ann' }), first)).toBe('');
  });

  test('other fields may be changed by anybody', () => {
    const delivery = channel({ delivery: { retry: 1 } });
    expect(admitProblems(delivery, contextWith({ user: 'ann' }), old)).toBe('');
  });
});

test('six conditions decide readiness, DispatcherReady informs', () => {
  expect(IN_MEMORY_CHANNEL_CONDITIONS.dependents).toEqual([
    'ServiceReady',
    'EndpointsReady',
    'Addressable',
    'ChannelServiceReady',
    'DeadLetterSinkResolved',
    'EventPoliciesReady',
  ]);
  const mark = { type: 'DispatcherReady', now: '2026-01-01T00:00:00Z' };
  expect(IN_MEMORY_CHANNEL_CONDITIONS.markFalse({}, mark)).toMatchObject([{ severity: 'Info' }]);
});
