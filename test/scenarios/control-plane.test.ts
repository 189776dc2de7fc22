/** Objects: what they become, what they refuse to become, and the words in which they say so. */
import { describe, expect, it } from 'vitest';
import {
  brokerYaml,
  channelYaml,
  flowYaml,
  subscriptionYaml,
  triggerYaml,
} from '../support/manifests.ts';
import { conditionsOf, kindOf, post, readyOf, seen, startAfflux } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';
import { BACKING_KIND } from '../support/scenario-channel.ts';

const BROKER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker' } as const;
const URI = 'http://subscriber.example/';

describe('TestBrokerConformance · ControlPlaneBroker', () => {
  it('makes a Broker Ready, with the conditions of the original', async () => {
    const afflux = await startAfflux(brokerYaml());
    expect(await conditionsOf(afflux, BROKER.apiVersion, 'Broker', 'main')).toEqual({
      Addressable: 'True',
      DeadLetterSinkResolved: 'True',
      EventPoliciesReady: 'True',
      FilterReady: 'True',
      IngressReady: 'True',
      Ready: 'True',
      TriggerChannelReady: 'True',
    });
  });

  it('gives a Ready Broker an address', async () => {
    const afflux = await startAfflux(brokerYaml());
    expect((await seen(afflux, 'Broker', 'main')).status.address?.url).toBe(
      afflux.brokerUrl('default', 'main'),
    );
  });

  it('names its channel in the annotations of its status', async () => {
    const afflux = await startAfflux(brokerYaml());
    expect((await seen(afflux, 'Broker', 'main')).status.annotations).toMatchObject({
      'knative.dev/channelAPIVersion': kindOf(BACKING_KIND).apiVersion,
      'knative.dev/channelKind': BACKING_KIND,
      'knative.dev/channelName': 'main-kne-trigger',
    });
  });

  it('shows deadLetterSinkUri when its delivery names a sink', async () => {
    const afflux = await startAfflux(
      brokerYaml('main', "delivery: { deadLetterSink: { uri: 'http://dead.example/' } }"),
    );
    expect((await seen(afflux, 'Broker', 'main')).status.deadLetterSinkUri).toBe(
      'http://dead.example/',
    );
  });

  it('does not let its class change', async () => {
    const afflux = await startAfflux(brokerYaml());
    const other = brokerYaml('main', '', 'eventing.knative.dev/broker.class: Other');
    await expect(afflux.apply(other)).rejects.toThrow(
      /annotations: Immutable annotations changed \(-old \+new\)/,
    );
  });

  it('does not let its config change, and shows the difference', async () => {
    const withConfig = (name: string) =>
      brokerYaml('main', `config: { apiVersion: v1, kind: ConfigMap, name: ${name} }`);
    const afflux = await startAfflux(withConfig('one'));
    const refused = expect(afflux.apply(withConfig('two'))).rejects;
    await refused.toThrow('spec: Immutable fields changed (-old +new)');
    await expect(afflux.apply(withConfig('two'))).rejects.toThrow(
      '{v1.BrokerSpec}.Config.Name:\n\t-: "one"\n\t+: "two"',
    );
  });

  it('lets its delivery change', async () => {
    const afflux = await startAfflux(brokerYaml('main', 'delivery: { retry: 1 }'));
    await afflux.apply(brokerYaml('main', 'delivery: { retry: 2 }'));
    expect((await seen(afflux, 'Broker', 'main')).spec['delivery']).toMatchObject({ retry: 2 });
  });

  it('leaves Brokers of other classes alone', async () => {
    const afflux = await startAfflux(
      brokerYaml('foreign', '', 'eventing.knative.dev/broker.class: SomebodyElses'),
    );
    expect((await seen(afflux, 'Broker', 'foreign')).status).toBeUndefined();
    expect((await post(afflux.brokerUrl('default', 'foreign'))).status).toBe(404);
  });

  it('is not Ready while the address of its dead letter sink cannot be found', async () => {
    const afflux = await startAfflux(
      brokerYaml(
        'main',
        'delivery: { deadLetterSink: { ref: { apiVersion: v1, kind: Service, name: nowhere } } }',
      ),
    );
    const { conditions = [] } = (await seen(afflux, 'Broker', 'main')).status;
    expect(conditions.find(({ type }) => type === 'DeadLetterSinkResolved')).toMatchObject({
      status: 'False',
      reason: "Unable to get the dead letter sink's URI",
    });
    expect((await readyOf(afflux, 'Broker', 'main')).ready).toBe('False');
  });

  it('removes its channel together with itself', async () => {
    const afflux = await startAfflux(brokerYaml());
    await afflux.remove({ ...BROKER, namespace: 'default', name: 'main' });
    await expect.poll(() => afflux.objects()).toEqual([]);
  });
});

describe('TestBrokerConformance · ControlPlaneTrigger', () => {
  it('makes a Trigger of a Ready Broker Ready, with the conditions of the original', async () => {
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: URI }));
    expect(await conditionsOf(afflux, BROKER.apiVersion, 'Trigger', 'one')).toEqual({
      BrokerReady: 'True',
      DeadLetterSinkResolved: 'True',
      DependencyReady: 'True',
      OIDCIdentityCreated: 'True',
      Ready: 'True',
      SubscriberResolved: 'True',
      SubscriptionReady: 'True',
    });
  });

  it('shows subscriberUri', async () => {
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: URI }));
    expect((await seen(afflux, 'Trigger', 'one')).status.subscriberUri).toBe(URI);
  });

  it('is about exactly one broker', async () => {
    const afflux = await startAfflux('');
    await expect(
      afflux.apply(triggerYaml({ name: 'one', uri: URI, spec: 'brokerRef: { name: other }' })),
    ).rejects.toThrow('expected exactly one, got both');
    await expect(
      afflux.apply(triggerYaml({ name: 'one', broker: "''", uri: URI })),
    ).rejects.toThrow('spec.broker: missing field(s)');
  });

  it('does not let its broker change', async () => {
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: URI }));
    await expect(
      afflux.apply(triggerYaml({ name: 'one', uri: URI, broker: 'different' })),
    ).rejects.toThrow(
      'broker, spec: Immutable fields changed (-old +new): {string}:\n\t-: "main"\n\t+: "different"',
    );
  });

  it('says that its broker does not exist', async () => {
    const afflux = await startAfflux(triggerYaml({ name: 'one', uri: URI }));
    expect(await readyOf(afflux, 'Trigger', 'one')).toMatchObject({
      ready: 'False',
      reason: 'BrokerDoesNotExist',
      message: 'Broker "main" does not exist',
    });
  });

  it('becomes Ready with a broker that comes later, and delivers', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(triggerYaml({ name: 'one', uri: sink.url }));
    await afflux.apply(brokerYaml());
    expect(await readyOf(afflux, 'Trigger', 'one')).toMatchObject({ ready: 'True' });
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });

  const filterYaml = (name: string) =>
    triggerYaml({
      name: 'one',
      uri: URI,
      spec: `filter: { attributes: { ${JSON.stringify(name)}: value } }`,
    });

  it.each([
    'type',
    'source',
    'id',
    'subject',
    'time',
    'specversion',
    'datacontenttype',
    'dataschema',
    'myext',
    'a1',
    'verylongextensionname',
  ])('accepts the filter attribute %s', async (name) => {
    const afflux = await startAfflux(brokerYaml() + filterYaml(name));
    expect(await readyOf(afflux, 'Trigger', 'one')).toMatchObject({ ready: 'True' });
  });

  it.each([
    'SOURCE',
    'tEsT',
    's-pace-s',
    'with space',
    '123',
    '1abc',
    'under_score',
    'a.b',
    'ünï',
    '😀',
  ])('refuses the filter attribute %s', async (name) => {
    const afflux = await startAfflux('');
    await expect(afflux.apply(filterYaml(name))).rejects.toThrow('spec.filter.attributes');
  });
});

describe('TestSmoke', () => {
  it.each([
    ['Broker', brokerYaml('smoke')],
    ['Trigger', brokerYaml() + triggerYaml({ name: 'smoke', uri: URI })],
    ['Channel', channelYaml({ name: 'smoke', kind: 'Channel' })],
    ['InMemoryChannel', channelYaml({ name: 'smoke' })],
    [
      'Subscription',
      channelYaml({ name: 'main' }) +
        subscriptionYaml({ name: 'smoke', channel: 'main', uri: URI }),
    ],
    ['Sequence', flowYaml('Sequence', 'smoke', `steps: [{ uri: '${URI}' }]`)],
    ['Parallel', flowYaml('Parallel', 'smoke', `branches: [{ subscriber: { uri: '${URI}' } }]`)],
  ])('%s becomes Ready from minimal YAML', async (kind, yaml) => {
    const afflux = await startAfflux(yaml);
    await expect.poll(async () => (await readyOf(afflux, kind, 'smoke')).ready).toBe('True');
  });

  it('becomes Ready whatever the order of the objects in the file', async () => {
    const afflux = await startAfflux(
      subscriptionYaml({ name: 's', channel: 'c', kind: 'Channel', uri: URI }) +
        triggerYaml({ name: 't', uri: URI }) +
        channelYaml({ name: 'c', kind: 'Channel' }) +
        brokerYaml(),
    );
    await expect.poll(() => afflux.objects().filter(({ ready }) => ready !== 'True')).toEqual([]);
  });
});

describe('TestChannelConformance · immutability', () => {
  it('does not let a Subscription move to another channel', async () => {
    const subscription = (channel: string) => subscriptionYaml({ name: 'one', channel, uri: URI });
    const afflux = await startAfflux(channelYaml({ name: 'main' }) + subscription('main'));
    await expect(afflux.apply(subscription('other'))).rejects.toThrow(
      'spec: Immutable fields changed (-old +new)',
    );
  });

  it("lets a Subscription's subscriber, reply and delivery change", async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({ name: 'main' }) + subscriptionYaml({ name: 'one', channel: 'main', uri: URI }),
    );
    await afflux.apply(
      subscriptionYaml({
        name: 'one',
        channel: 'main',
        uri: sink.url,
        spec: `reply: { uri: '${URI}' }\ndelivery: { retry: 1 }`,
      }),
    );
    await post(afflux.channelUrl('default', 'main'));
    await sink.received(1);
  });

  it('does not let the template of a Channel change', async () => {
    const channel = (delivery: string) =>
      channelYaml({
        name: 'main',
        kind: 'Channel',
        spec: `
          channelTemplate:
            apiVersion: messaging.knative.dev/v1
            kind: InMemoryChannel
            spec: { delivery: { ${delivery} } }
        `,
      });
    const afflux = await startAfflux(channel('retry: 1'));
    await expect(afflux.apply(channel('retry: 2'))).rejects.toThrow(
      'spec: Immutable fields changed (-old +new)',
    );
  });

  it('lets nobody but the controller change the subscribers of an InMemoryChannel', async () => {
    const afflux = await startAfflux(channelYaml({ name: 'main' }));
    await expect(
      afflux.apply(
        channelYaml({ name: 'main', spec: `subscribers: [{ subscriberUri: '${URI}' }]` }),
      ),
    ).rejects.toThrow('spec.subscribers: Channel.Spec.Subscribers changed by user');
  });
});

describe('manifests that are refused', () => {
  it.each([
    [
      'an unknown field',
      triggerYaml({ name: 'x', uri: URI, spec: 'filtres: []' }),
      'did you mean "filters"?',
    ],
    ['a wrong type', brokerYaml('x', 'delivery: { retry: many }'), 'spec.delivery.retry'],
    [
      'an unknown kind',
      'apiVersion: eventing.knative.dev/v1\nkind: Brocker\nmetadata: { name: x }',
      'Broker',
    ],
    ['no subscriber', triggerYaml({ name: 'x' }), 'spec.subscriber'],
    ['a negative retry', brokerYaml('x', 'delivery: { retry: -1 }'), 'spec.delivery.retry'],
    [
      'a backoff policy nobody knows',
      brokerYaml('x', 'delivery: { backoffPolicy: cubic }'),
      'spec.delivery.backoffPolicy',
    ],
    ['a timeout of zero', brokerYaml('x', 'delivery: { timeout: PT0S }'), 'spec.delivery.timeout'],
    [
      'a relative uri without a ref',
      triggerYaml({ name: 'x', uri: '/only/path' }),
      'spec.subscriber.uri',
    ],
    ['a name that is none', brokerYaml('Not_A_Name'), 'metadata.name'],
    [
      'a flow annotation that is misspelled',
      brokerYaml('x', '', 'afflux.dev/overflo: backpressure'),
      'did you mean "afflux.dev/overflow"?',
    ],
    [
      'a flow annotation with a value that is none',
      brokerYaml('x', '', 'afflux.dev/queue-events: lots'),
      'metadata.annotations[afflux.dev/queue-events]',
    ],
  ])('%s', async (_what, yaml, message) => {
    const afflux = await startAfflux('');
    await expect(afflux.apply(yaml)).rejects.toThrow(message);
  });

  it('names all problems of an object at once', async () => {
    const afflux = await startAfflux('');
    const refused = afflux.apply(
      triggerYaml({ name: 'x', broker: "''", uri: '/path', spec: 'filters: [{ cesql: "(" }]' }),
    );
    await expect(refused).rejects.toThrow(
      /(?=[^]*spec\.broker)(?=[^]*spec\.subscriber\.uri)(?=[^]*spec\.filters\[0\]\.cesql)/,
    );
  });

  it('keeps the valid objects of the same text', async () => {
    const afflux = await startAfflux('');
    await expect(
      afflux.apply(brokerYaml('good') + brokerYaml('bad', 'delivery: { retry: -1 }')),
    ).rejects.toThrow('Broker bad');
    await afflux.settled();
    expect(await readyOf(afflux, 'Broker', 'good')).toMatchObject({ ready: 'True' });
  });

  it('keeps the earlier version of an object that becomes invalid', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    await expect(
      afflux.apply(triggerYaml({ name: 'one', uri: URI, spec: 'filters: [{ cesql: "(" }]' })),
    ).rejects.toThrow('cesql');
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });
});
