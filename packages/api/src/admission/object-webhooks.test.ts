import { builtinKinds, type AdmissionContext } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import type { AdmissionRequest } from './admission-review.ts';
import { defaulting, resourceValidation } from './object-webhooks.ts';
import { shippedContext, shippedWebhooks } from '../testing/admission/webhook-world.ts';

const CLASS = 'eventing.knative.dev/broker.class';

function broker(spec: object = {}, metadata: object = {}) {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: { name: 'default', namespace: 'ns', ...metadata },
    spec,
  };
}

/** A Broker as it is after defaulting. */
function stored(spec: object = {}, metadata: object = {}) {
  const config = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', namespace: 'ns' };
  const annotations = { [CLASS]: 'MTChannelBasedBroker' };
  return broker({ config, ...spec }, { annotations, ...metadata });
}

function request(object: unknown, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u',
    kind: { group: 'eventing.knative.dev', version: 'v1', kind: 'Broker' },
    subResource: '',
    namespace: 'ns',
    name: 'default',
    operation: 'CREATE',
    username: 'me',
    object,
    oldObject: undefined,
    ...changes,
  };
}

const update = (oldObject: unknown) => ({ operation: 'UPDATE', oldObject });

const validated = (object: unknown, changes?: Partial<AdmissionRequest>) =>
  resourceValidation(shippedWebhooks(), request(object, changes));
const defaulted = (object: unknown, changes?: Partial<AdmissionRequest>) =>
  defaulting(shippedWebhooks(), request(object, changes));

describe('defaulting', () => {
  it('answers with a patch of what is filled in, and of nothing else', () => {
    const { allowed, patch } = defaulted(broker({ delivery: { retry: 3 } }));
    expect(allowed).toBe(true);
    expect(patch).toContainEqual({
      op: 'add',
      path: '/metadata/annotations',
      value: { [CLASS]: 'MTChannelBasedBroker' },
    });
    expect(patch?.map(({ path }) => path)).toEqual(['/metadata/annotations', '/spec/config']);
  });

  it('adds the spec of an object that has none', () => {
    const { spec: _, ...bare } = broker();
    const { patch } = defaulted(bare);
    const spec = patch?.find(({ path }) => path === '/spec');
    expect(spec).toMatchObject({ op: 'add', value: { config: { kind: 'ConfigMap' } } });
  });

  it('leaves an object without a patch that has everything', () => {
    expect(defaulted(stored({ delivery: {} }))).toEqual({ allowed: true, patch: [] });
  });

  it('leaves the name of an object to the server that makes one', () => {
    const { name: _, ...metadata } = stored().metadata;
    const unnamed = { ...stored({ delivery: {} }), metadata: { ...metadata, generateName: 'b-' } };
    expect(defaulted(unnamed)).toEqual({ allowed: true, patch: [] });
  });

  it('leaves a null where it is', () => {
    const object = stored({ delivery: {} }, { creationTimestamp: null });
    expect(defaulted(object).patch).toEqual([]);
  });

  it('fills in defaults although the rules refuse the object', () => {
    const { allowed, patch } = defaulted(broker({ delivery: { backoffDelay: 'soon' } }));
    expect(allowed).toBe(true);
    expect(patch).not.toEqual([]);
  });

  it('leaves a value that the schema refuses to the validation', () => {
    expect(defaulted(broker({ delivery: { retry: -1 } }))).toEqual({ allowed: true });
  });

  it('refuses what it cannot decode', () => {
    expect(defaulted(broker({ retries: 1 }))).toMatchObject({
      allowed: false,
      message: 'mutation failed: cannot decode incoming new object: json: unknown field "retries"',
    });
  });
});

describe('resource validation', () => {
  it('allows what the rules allow', () => {
    expect(validated(stored())).toEqual({ allowed: true });
  });

  it.each([
    [
      'a value out of bounds',
      { delivery: { retry: -1 } },
      'invalid value: -1: spec.delivery.retry\nexpected a number of at least 0',
    ],
    [
      'a value that has no sense',
      { delivery: { backoffDelay: 'soon' } },
      /^validation failed: invalid value: soon: spec\.delivery\.backoffDelay/,
    ],
    [
      'a field that is missing',
      { config: { apiVersion: 'v1', kind: 'ConfigMap' } },
      /^validation failed: missing field\(s\): spec\.config\.name/,
    ],
  ])('refuses %s in the words of Knative', (_, spec, message) => {
    const verdict = validated(stored(spec));
    expect(verdict.allowed).toBe(false);
    expect(verdict.message).toEqual(
      typeof message === 'string'
        ? `validation failed: ${message}`
        : expect.stringMatching(message),
    );
  });

  it('compares an update with what is stored', () => {
    const next = stored({
      config: { apiVersion: 'v1', kind: 'ConfigMap', name: 'd', namespace: 'ns' },
    });
    expect(validated(next, update(stored())).message).toMatch(
      /^validation failed: Immutable fields changed \(-old \+new\): spec\n\{v1\.BrokerSpec\}\.Config\.Name:\n/,
    );
  });

  it('names the first unknown field as Go does, and warns with what was meant', () => {
    const object = { ...broker({ delivry: {}, confg: {} }) };
    expect(validated(object)).toEqual({
      allowed: false,
      message:
        'decoding request failed: cannot decode incoming new object: json: unknown field "confg"',
      warnings: [
        'unknown field "confg", did you mean "config"?: spec.confg',
        'unknown field "delivry", did you mean "delivery"?: spec.delivry',
      ],
    });
  });

  it('says what is wrong with a field of another type', () => {
    expect(validated(broker({ delivery: { retry: 'often' } })).message).toBe(
      'decoding request failed: cannot decode incoming new object: expected a number, found the string "often": spec.delivery.retry',
    );
  });

  it.each([
    [
      'a kind that is not there',
      { group: 'g', version: 'v1', kind: 'Broker' },
      'unhandled kind: g/v1, Kind=Broker',
    ],
    [
      'a core kind that is not there',
      { group: '', version: 'v1', kind: 'Node' },
      'unhandled kind: v1, Kind=Node',
    ],
    [
      'an object of another kind',
      { group: 'eventing.knative.dev', version: 'v1', kind: 'Trigger' },
      'cannot decode incoming new object: it is a Broker of eventing.knative.dev/v1, not a Trigger of eventing.knative.dev/v1',
    ],
  ])('refuses %s', (_, kind, problem) => {
    expect(validated(stored(), { kind })).toEqual({
      allowed: false,
      message: `decoding request failed: ${problem}`,
    });
  });

  it('refuses a request without an object', () => {
    expect(validated(undefined).message).toBe(
      'decoding request failed: the new object may not be nil',
    );
  });

  it.each([
    ['a deletion', undefined, { operation: 'DELETE', oldObject: broker({ bad: 1 }) }],
    ['a connection', undefined, { operation: 'CONNECT' }],
    ['a status', broker({ bad: 1 }), { ...update(stored()), subResource: 'status' }],
    [
      'a finalizer of an object that would be refused now',
      broker({ bad: 1 }, { finalizers: [] }),
      update(broker({ bad: 1 }, { finalizers: ['a.b/c'], resourceVersion: '1' })),
    ],
  ])('does not look at %s', (_, object, changes) => {
    expect(validated(object, changes)).toEqual({ allowed: true });
    expect(defaulted(object, changes)).toEqual({ allowed: true });
  });

  it('looks at labels and annotations that change', () => {
    const labels = { 'not a label': 'x' };
    expect(validated(stored({}, { labels }), update(stored())).allowed).toBe(false);
  });

  it('lets an unknown field of the stored object be taken off', () => {
    expect(validated(stored(), update(stored({ old: true })))).toEqual({ allowed: true });
  });

  it('says that the stored object has no sense', () => {
    expect(validated(stored(), update(stored({ delivery: 7 }))).message).toMatch(
      /^decoding request failed: cannot decode incoming old object: expected/,
    );
  });
});

describe('who writes', () => {
  const CONTROLLER = 'system:serviceaccount:knative-eventing:eventing-controller';
  const channel = (subscribers: object[]) => ({
    apiVersion: 'messaging.knative.dev/v1',
    kind: 'InMemoryChannel',
    metadata: {
      name: 'c',
      namespace: 'ns',
      annotations: { 'messaging.knative.dev/subscribable': 'v1' },
    },
    spec: { subscribers },
  });
  const subscribe = (username: string) =>
    validated(channel([{ uid: 'u', subscriberUri: 'http://sink.example' }]), {
      kind: { group: 'messaging.knative.dev', version: 'v1', kind: 'InMemoryChannel' },
      username,
      ...update(channel([])),
    });

  it('is the controller when it is its service account in the system namespace', () => {
    expect(subscribe(CONTROLLER)).toEqual({ allowed: true });
  });

  it.each([
    ['a person', 'me'],
    ['the same account elsewhere', 'system:serviceaccount:default:eventing-controller'],
    ['another account', 'system:serviceaccount:knative-eventing:default'],
    ['somebody who calls himself that', 'controller'],
    ['nobody', ''],
  ])('T07 is not the controller when it is %s', (_, username) => {
    expect(subscribe(username)).toMatchObject({ allowed: false });
  });

  it('is told to the context', () => {
    const users: string[] = [];
    const context = (user: string): AdmissionContext => {
      users.push(user);
      return shippedContext(user);
    };
    const object = stored();
    resourceValidation({ kinds: builtinKinds(), context }, request(object, { username: 'ann' }));
    expect(users).toEqual(['ann']);
  });
});
