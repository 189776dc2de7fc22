import { describe, expect, test } from 'vitest';
import type { CrossNamespaceAccess } from '../../kind.ts';
import { admitProblems, admitted, contextWith, featuresWith, manifest } from '../../testing.ts';
import { dependencyOf } from './dependency.ts';
import type { Trigger } from './trigger.ts';
import { TRIGGER_CONDITIONS } from './trigger.ts';

const SUBSCRIBER = { ref: { apiVersion: 'v1', kind: 'Service', name: 'orders' } };
/** Decoding drops fields that are undefined. */
const ABSENT = undefined;

/** A Trigger of Broker `default`, unless told otherwise. */
function trigger(spec: object = {}, annotations: Record<string, string> = {}): object {
  const all = { broker: 'default', subscriber: SUBSCRIBER, ...spec };
  return manifest('Trigger', { metadata: { annotations }, spec: all });
}

describe('defaults', () => {
  test('are an empty filter, namespaces and the label of the Broker', () => {
    const delivery = { deadLetterSink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'd' } } };
    const { metadata, spec } = admitted<Trigger>(trigger({ delivery }));
    expect(spec.filter).toEqual({});
    expect(spec.subscriber.ref?.namespace).toBe('ns');
    expect(spec.delivery?.deadLetterSink?.ref?.namespace).toBe('ns');
    expect(metadata.labels).toEqual({ 'eventing.knative.dev/broker': 'default' });
  });

  test('leave the namespace of a subscriber elsewhere alone', () => {
    const subscriber = { ref: { ...SUBSCRIBER.ref, namespace: 'other' } };
    expect(admitted<Trigger>(trigger({ subscriber })).spec.subscriber.ref?.namespace).toBe('other');
  });
});

describe('the Broker', () => {
  const ref = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'b' };

  test.each([
    [{ broker: ABSENT }, 'missing field(s): spec.broker'],
    [{ broker: '' }, 'missing field(s): spec.broker'],
    [{ brokerRef: ref }, 'expected exactly one, got both: spec.broker, spec.brokerRef'],
    [{ broker: ABSENT, brokerRef: ref }, ''],
    [{ broker: ABSENT, brokerRef: { name: 'b' } }, ''],
    [{ broker: ABSENT, brokerRef: { ...ref, name: '' } }, 'missing field(s): spec.brokerRef.name'],
    [
      { broker: ABSENT, brokerRef: { ...ref, kind: 'Channel' } },
      'invalid value: Channel: spec.brokerRef.kind\nexpected "Broker"',
    ],
    [
      { broker: ABSENT, brokerRef: { ...ref, namespace: 'other' } },
      'must not set the field(s): spec.brokerRef.namespace\nonly name, apiVersion and kind are supported fields when feature.CrossNamespaceEventLinks is disabled',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(trigger(spec))).toBe(problems);
  });

  describe('of another namespace', () => {
    const value = trigger({ broker: ABSENT, brokerRef: { ...ref, namespace: 'other' } });
    const features = featuresWith({ 'cross-namespace-event-links': 'Enabled' });

    test('T07 needs a grant', () => {
      const asked: CrossNamespaceAccess[] = [];
      const mayUse = (access: CrossNamespaceAccess) => asked.push(access) > 0;
      expect(admitProblems(value, contextWith({ features, mayUse }))).toBe('');
      expect(asked).toEqual([
        {
          verb: 'knsubscribe',
          group: 'eventing.knative.dev',
          resource: 'brokers',
          namespace: 'other',
          name: 'b',
        },
      ]);
    });

    test.each([undefined, () => false])('T07 is refused without one', (mayUse) => {
      const context = contextWith({
        features,
        user: 'ann',
        ...(mayUse === undefined ? {} : { mayUse }),
      });
      expect(admitProblems(value, context)).toBe(
        'user ann is not authorized to get target resource in namespace: other: spec.brokerRef.namespace',
      );
    });

    test('is no question for the own namespace', () => {
      const own = trigger({ broker: ABSENT, brokerRef: { ...ref, namespace: 'ns' } });
      expect(admitProblems(own, contextWith({ features }))).toBe('');
      expect(admitted<Trigger>(own, contextWith({ features })).metadata.labels).toEqual({
        'eventing.knative.dev/broker': 'b',
      });
    });
  });
});

/** Names of eventing-contract §8.2: the conformance suite accepts these … */
const VALID_NAMES = [
  ...['source', 'id', 'specversion', 'type', 'subject', 'time', 'datacontenttype', 'dataschema'],
  ...['aaa', 'c1d2e3', 'abcdefghijklmnopqrst'],
];

/** … and refuses these. */
const INVALID_NAMES = [
  ...['SOURCE', 'Source', 'souRce', 's pace s', 's_pace_s', 's-pace-s', '123', '😊'],
  ...['!@#$%^&*()-_=_`~+\\', '{}[];\':"<>,./?'],
];

describe('filter names', () => {
  test('there are 11 valid and 10 invalid ones', () => {
    expect([VALID_NAMES.length, INVALID_NAMES.length]).toEqual([11, 10]);
  });

  test.each(VALID_NAMES)('%s is accepted', (name) => {
    const spec = {
      filter: { attributes: { [name]: 'x' } },
      filters: [
        { exact: { [name]: 'x' } },
        { prefix: { [name]: 'x' } },
        { suffix: { [name]: 'x' } },
      ],
    };
    expect(admitProblems(trigger(spec))).toBe('');
  });

  test.each(INVALID_NAMES)('%s is refused', (name) => {
    const spec = {
      filter: { attributes: { [name]: 'x' } },
      filters: [{ any: [{ not: { exact: { [name]: 'x' } } }] }],
    };
    const problems = admitProblems(trigger(spec));
    expect(problems).toContain(`invalid key name ${JSON.stringify(name)}: `);
    expect(problems).toContain(`spec.filter.attributes[${name}]`);
    expect(problems).toContain(`spec.filters[0].any[0].not.exact[${name}]`);
  });
});

describe('filters', () => {
  test.each([
    [{ filters: [] }],
    [{ filter: {}, filters: [] }],
    [{ filter: { attributes: {} } }],
    [{ filter: { attributes: { type: '' } } }],
    [{ filters: [{ cesql: "type LIKE 'order%'" }] }],
    [{ filters: [{ all: [{ exact: { type: 'a' } }, { not: { prefix: { source: '/' } } }] }] }],
  ])('%j is accepted', (spec) => {
    expect(admitProblems(trigger(spec))).toBe('');
  });

  test.each([
    [
      [{ exact: { type: 'a' }, prefix: { type: 'a' } }],
      'multiple dialects found, filters can have only one dialect set: spec.filters[0]',
    ],
    [
      [{ exact: { type: 'a' }, cesql: 'TRUE' }],
      'multiple dialects found, filters can have only one dialect set: spec.filters[0]',
    ],
    [[{}], 'spec.filters[0]'],
    [[{ exact: {} }], 'spec.filters[0]'],
    [[{ any: [] }], 'spec.filters[0]'],
    [[{ exact: { type: '' } }], 'spec.filters[0].exact[type]'],
    [[{ prefix: { type: '' } }], 'spec.filters[0].prefix[type]'],
    [[{ suffix: { type: '' } }], 'spec.filters[0].suffix[type]'],
    [
      [{ exact: { type: 'a' } }, { cesql: 'type =' }],
      'invalid value: type =: spec.filters[1].cesql',
    ],
    [[{ all: [{ exact: { type: 'a' } }, { cesql: '((' }] }], 'spec.filters[0].all[1].cesql'],
  ])('%j is refused', (filters, problem) => {
    expect(admitProblems(trigger({ filters }))).toContain(problem);
  });

  test('every problem is reported at once', () => {
    const filters = [{ exact: { A: 'x' } }, { cesql: '((' }, {}, { prefix: { b: '' } }];
    const paths = ['filters[0].exact[A]', 'filters[1].cesql', 'filters[2]', 'filters[3].prefix[b]'];
    const problems = admitProblems(trigger({ filters }));
    for (const path of paths) expect(problems).toContain(`spec.${path}`);
  });
});

describe('subscriber and delivery', () => {
  test.each([
    [
      { subscriber: {} },
      'expected at least one, got none: spec.subscriber.ref, spec.subscriber.uri',
    ],
    [
      { subscriber: { ...SUBSCRIBER, uri: 'http://example.com' } },
      'Absolute URI is not allowed when Ref or [apiVersion, kind, name] is present: spec.subscriber.ref, spec.subscriber.uri, spec.subscriber[apiVersion, kind, name]',
    ],
    [
      { delivery: { timeout: 'x' } },
      'invalid value: x: spec.delivery.timeout\nexpected an ISO 8601 duration above zero, such as PT30S',
    ],
    [{ delivery: { format: 'json', retry: 0 } }, ''],
  ])('%j', (spec, problems) => {
    expect(admitProblems(trigger(spec))).toBe(problems);
  });
});

describe('the annotation', () => {
  const DEPENDENCY = 'knative.dev/dependency';
  const PATH = `metadata.annotations[${DEPENDENCY}]`;
  const source = { kind: 'PingSource', name: 'p', apiVersion: 'sources.knative.dev/v1' };

  test.each([
    [JSON.stringify(source), ''],
    [JSON.stringify({ ...source, namespace: 'ns' }), ''],
    ['{}', `missing field(s): ${PATH}.apiVersion, ${PATH}.kind, ${PATH}.name`],
    [
      JSON.stringify({ ...source, namespace: 'other' }),
      `Namespace must be empty or equal to the trigger namespace "ns": ${PATH}.namespace`,
    ],
  ])('dependency %s', (text, problems) => {
    expect(admitProblems(trigger({}, { [DEPENDENCY]: text }))).toBe(problems);
  });

  test.each(['not json', '[]', '{"kind": 5}'])('dependency %s is no reference', (text) => {
    expect(admitProblems(trigger({}, { [DEPENDENCY]: text }))).toContain(
      `The provided annotation was not a corev1.ObjectReference: ${JSON.stringify(text)}: ${PATH}`,
    );
  });

  test('dependency can be read back', () => {
    const value = admitted<Trigger>(trigger({}, { [DEPENDENCY]: JSON.stringify(source) }));
    expect(dependencyOf(value.metadata)).toEqual(source);
    expect(dependencyOf(admitted<Trigger>(trigger()).metadata)).toBeUndefined();
    expect(dependencyOf({ name: 'x', annotations: { [DEPENDENCY]: '{' } })).toBeUndefined();
  });

  const INJECTION = 'eventing.knative.dev/injection';

  test.each([
    ['enabled', {}, ''],
    ['disabled', {}, ''],
    [
      'on',
      {},
      `The provided injection annotation value can only be "enabled" or "disabled", not "on": metadata.annotations[${INJECTION}]`,
    ],
    [
      'enabled',
      { broker: 'mine' },
      `The provided injection annotation is only used for default broker, but non-default broker specified here: "mine": metadata.annotations[${INJECTION}]`,
    ],
  ])('injection %s with %j', (text, spec, problems) => {
    expect(admitProblems(trigger(spec, { [INJECTION]: text }))).toBe(problems);
  });
});

describe('updates', () => {
  const old = admitted<Trigger>(trigger());

  test('may not change the Broker', () => {
    expect(admitProblems(trigger({ broker: 'other' }), contextWith(), old)).toBe(
      'Immutable fields changed (-old +new): broker, spec\n{string}:\n\t-: "default"\n\t+: "other"\n',
    );
  });

  test('may change everything else', () => {
    const changed = trigger({
      subscriber: { uri: 'http://example.com' },
      filters: [{ exact: { type: 'a' } }],
      delivery: { retry: 1 },
    });
    expect(admitProblems(changed, contextWith(), old)).toBe('');
  });
});

test('six conditions decide readiness', () => {
  expect(TRIGGER_CONDITIONS.dependents).toEqual([
    'BrokerReady',
    'SubscriptionReady',
    'DependencyReady',
    'SubscriberResolved',
    'DeadLetterSinkResolved',
    'OIDCIdentityCreated',
  ]);
});
