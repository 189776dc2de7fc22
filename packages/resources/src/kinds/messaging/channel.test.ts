import { describe, expect, test } from 'vitest';
import { admitProblems, admitted, contextWith, manifest } from '../../testing.ts';
import type { Channel } from './channel.ts';
import { CHANNEL_CONDITIONS } from './channel.ts';

const TEMPLATE = { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' };

function channel(spec: object = {}): object {
  return manifest('Channel', { spec });
}

describe('defaults', () => {
  test('are the subscribable version and the template of the cluster', () => {
    const { metadata, spec } = admitted<Channel>(channel());
    expect(metadata.annotations).toEqual({ 'messaging.knative.dev/subscribable': 'v1' });
    expect(spec.channelTemplate).toEqual(TEMPLATE);
  });

  test('prefer the template of the namespace, and are a copy of it', () => {
    const template = { apiVersion: 'x/v1', kind: 'XChannel', spec: { a: { b: 1 } } };
    const context = contextWith({ channelDefaults: { namespaceDefaults: { ns: template } } });
    const { channelTemplate } = admitted<Channel>(channel(), context).spec;
    expect(channelTemplate).toEqual(template);
    expect(channelTemplate?.spec?.['a']).not.toBe(template.spec.a);
  });

  test('do not touch a template, and give the dead letter sink a namespace beside one', () => {
    const template = { apiVersion: 'x/v1', kind: 'XChannel' };
    const delivery = { deadLetterSink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'd' } } };
    const { spec } = admitted<Channel>(channel({ channelTemplate: template, delivery }));
    expect(spec.channelTemplate).toEqual(template);
    expect(spec.delivery?.deadLetterSink?.ref?.namespace).toBe('ns');
  });
});

describe('rules', () => {
  test.each([
    [
      { channelTemplate: { apiVersion: '', kind: '' } },
      'missing field(s): spec.channelTemplate.apiVersion, spec.channelTemplate.kind',
    ],
    [
      { subscribers: [{ uid: 'a' }] },
      'must not set the field(s): spec.subscribable.subscribers, spec.subscribers',
    ],
    [{ subscribers: [] }, ''],
    [
      { delivery: { timeout: '' } },
      'invalid value: : spec.delivery.timeout\nexpected an ISO 8601 duration above zero, such as PT30S',
    ],
    [
      {
        delivery: {
          deadLetterSink: {
            ref: { apiVersion: 'v1', kind: 'Service', name: 'd', namespace: 'other' },
          },
        },
      },
      'mismatched namespaces: spec.delivery.deadLetterSink.ref.namespace\nparent namespace: "ns" does not match ref: "other"',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(channel(spec))).toBe(problems);
  });

  test('without any default there must be a template', () => {
    const context = contextWith({ channelDefaults: {} });
    expect(admitProblems(channel(), context)).toBe('missing field(s): spec.channelTemplate');
  });
});

describe('updates', () => {
  const old = admitted<Channel>(channel());

  test('may not change the template', () => {
    const changed = channel({ channelTemplate: { ...TEMPLATE, kind: 'OtherChannel' } });
    expect(admitProblems(changed, contextWith(), old)).toBe(
      'Immutable fields changed (-old +new): spec\n{v1.ChannelSpec}.ChannelTemplate.Kind:\n\t-: "InMemoryChannel"\n\t+: "OtherChannel"\n',
    );
  });

  test('may change delivery', () => {
    expect(admitProblems(channel({ delivery: { retry: 5 } }), contextWith(), old)).toBe('');
  });
});

test('four conditions decide readiness', () => {
  expect(CHANNEL_CONDITIONS.dependents).toEqual([
    'BackingChannelReady',
    'Addressable',
    'DeadLetterSinkResolved',
    'EventPoliciesReady',
  ]);
});
