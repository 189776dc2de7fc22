import { describe, expect, test } from 'vitest';
import { admitProblems, admitted, contextWith, featuresWith, manifest } from '../../testing.ts';
import type { Subscription } from './subscription.ts';
import { SUBSCRIPTION_CONDITIONS } from './subscription.ts';

const CHANNEL = { apiVersion: 'messaging.knative.dev/v1', kind: 'Channel', name: 'c' };
const SERVICE = { ref: { apiVersion: 'v1', kind: 'Service', name: 'orders' } };

function subscription(spec: object = {}): object {
  return manifest('Subscription', { spec: { channel: CHANNEL, subscriber: SERVICE, ...spec } });
}

test('defaults are the namespaces of subscriber, reply and dead letter sink, not of the channel', () => {
  const delivery = { deadLetterSink: SERVICE };
  const { spec } = admitted<Subscription>(subscription({ reply: SERVICE, delivery }));
  const namespaces = [spec.subscriber, spec.reply, spec.delivery?.deadLetterSink].map(
    (destination) => destination?.ref?.namespace,
  );
  expect(namespaces).toEqual(['ns', 'ns', 'ns']);
  expect(spec.channel).toEqual(CHANNEL);
});

const NO_NAMESPACE =
  'must not set the field(s): spec.channel.namespace\nonly name, apiVersion and kind are supported fields when feature.CrossNamespaceEventLinks is disabled';
const NO_SUBSCRIBER =
  'missing field(s): spec.subscriber\nthe Subscription must reference a subscriber';

describe('rules', () => {
  test.each([
    [{ channel: { ...CHANNEL, name: '' } }, 'missing field(s): spec.channel.name'],
    [{ channel: { kind: 'Channel', name: 'c' } }, 'missing field(s): spec.channel.apiVersion'],
    [{ channel: { ...CHANNEL, namespace: 'other' } }, NO_NAMESPACE],
    [{ channel: { ...CHANNEL, namespace: 'ns' } }, NO_NAMESPACE],
    [{ subscriber: {} }, NO_SUBSCRIBER],
    [
      { subscriber: { audience: 'a' } },
      'expected at least one, got none: spec.subscriber.ref, spec.subscriber.uri',
    ],
    [
      { subscriber: { ref: { kind: 'Service', name: '' } }, channel: { ...CHANNEL, name: '' } },
      'missing field(s): spec.channel.name, spec.subscriber.ref.apiVersion, spec.subscriber.ref.name',
    ],
    [{ reply: {} }, ''],
    [
      { reply: { uri: '/x' } },
      'invalid value: Relative URI is not allowed when Ref and [apiVersion, kind, name] is absent: spec.reply.uri',
    ],
    [
      { delivery: { timeout: 'PT0S' } },
      'invalid value: PT0S: spec.delivery.timeout\nexpected an ISO 8601 duration above zero, such as PT30S',
    ],
    [{ delivery: { format: 'binary' } }, ''],
  ])('%j', (spec, problems) => {
    expect(admitProblems(subscription(spec))).toBe(problems);
  });

  test('T07 a channel of another namespace needs the feature and a grant', () => {
    const features = featuresWith({ 'cross-namespace-event-links': 'Enabled' });
    const value = subscription({ channel: { ...CHANNEL, namespace: 'other' } });
    expect(admitProblems(value, contextWith({ features, user: 'ann' }))).toBe(
      'user ann is not authorized to get target resource in namespace: other: spec.channel.namespace',
    );
    const mayUse = (access: object) =>
      JSON.stringify(access) ===
      '{"verb":"knsubscribe","group":"messaging.knative.dev","resource":"channels","namespace":"other","name":"c"}';
    expect(admitProblems(value, contextWith({ features, mayUse }))).toBe('');
  });
});

describe('updates', () => {
  const old = admitted<Subscription>(subscription());

  test('may not change the channel', () => {
    const changed = subscription({ channel: { ...CHANNEL, name: 'd' } });
    expect(admitProblems(changed, contextWith(), old)).toBe(
      'Immutable fields changed (-old +new): spec\n{v1.SubscriptionSpec}.Channel.Name:\n\t-: "c"\n\t+: "d"\n',
    );
  });

  test('may change subscriber, reply and delivery', () => {
    const uri = 'http://example.com';
    const changed = subscription({ subscriber: { uri }, reply: { uri }, delivery: { retry: 1 } });
    expect(admitProblems(changed, contextWith(), old)).toBe('');
  });
});

test('four conditions decide readiness', () => {
  expect(SUBSCRIPTION_CONDITIONS.dependents).toEqual([
    'ReferencesResolved',
    'AddedToChannel',
    'ChannelReady',
    'OIDCIdentityCreated',
  ]);
});
