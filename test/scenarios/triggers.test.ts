/** Triggers: what they default to, whom they deliver to, what they wait for. */
import { describe, expect, it } from 'vitest';
import { brokerYaml, channelYaml, featuresYaml, triggerYaml } from '../support/manifests.ts';
import { drained, post, postJson, readyOf, seen, startAfflux } from '../support/process.ts';
import { promises } from '../support/scenario-channel.ts';
import { startSubscriber, UNREACHABLE } from '../support/subscriber.ts';

const EVENTS = 'eventing.knative.dev/v1';

describe('TestTriggerDefaulting', () => {
  it('fills in an empty filter, the namespace of the subscriber and the label of the broker', async () => {
    const afflux = await startAfflux(
      triggerYaml({
        name: 'one',
        spec: `
          subscriber:
            ref: { apiVersion: v1, kind: Service, name: orders }
        `,
      }),
    );
    const { spec, metadata } = await seen(afflux, 'Trigger', 'one');
    expect(spec).toMatchObject({ filter: {}, subscriber: { ref: { namespace: 'default' } } });
    expect(metadata.labels).toEqual({ 'eventing.knative.dev/broker': 'main' });
  });
});

describe('TestTriggerWithDLS', () => {
  const failing = (sinkUrl: string) => `
    delivery:
      retry: 0
      deadLetterSink:
        uri: ${sinkUrl}
  `;

  it("uses the trigger's dead letter sink", async () => {
    const dead = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: UNREACHABLE, spec: failing(dead.url) }),
    );
    await post(afflux.brokerUrl('default', 'main'), { id: 'lost' });
    await dead.received(1);
    expect(dead.ids).toEqual(['lost']);
  });

  it("leaves the broker's sink alone when the trigger has one", async () => {
    const [dead, brokersDead] = [await startSubscriber(), await startSubscriber()];
    const afflux = await startAfflux(
      brokerYaml('main', failing(brokersDead.url)) +
        triggerYaml({ name: 'one', uri: UNREACHABLE, spec: failing(dead.url) }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await dead.received(1);
    await drained(afflux);
    expect(brokersDead.deliveries).toHaveLength(0);
  });

  it('shows the sink it resolved, its own before that of the broker', async () => {
    const afflux = await startAfflux(
      brokerYaml('main', failing('http://broker.example/dead')) +
        triggerYaml({ name: 'own', uri: UNREACHABLE, spec: failing('http://own.example/dead') }) +
        triggerYaml({ name: 'inherited', uri: UNREACHABLE }),
    );
    const sinks = await Promise.all(
      ['own', 'inherited'].map(async (name) => (await seen(afflux, 'Trigger', name)).status),
    );
    expect(sinks.map(({ deadLetterSinkUri }) => deadLetterSinkUri)).toEqual([
      'http://own.example/dead',
      'http://broker.example/dead',
    ]);
  });

  it('takes a broker as dead letter sink', async () => {
    const dead = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        brokerYaml('graveyard') +
        triggerYaml({ name: 'bury', broker: 'graveyard', uri: dead.url }) +
        triggerYaml({
          name: 'one',
          uri: UNREACHABLE,
          spec: `
            delivery:
              retry: 0
              deadLetterSink:
                ref: { apiVersion: ${EVENTS}, kind: Broker, name: graveyard }
          `,
        }),
    );
    await post(afflux.brokerUrl('default', 'main'), { id: 'lost' });
    const [letter] = await dead.received(1);
    expect(letter?.event.getText('knativeerrordest')).toBe(UNREACHABLE);
  });
});

describe('TestMultiTriggerTopology', () => {
  it('delivers to a good subscriber beside one that cannot be reached', async () => {
    const good = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({ name: 'bad', uri: UNREACHABLE, spec: 'delivery: { retry: 0 }' }) +
        triggerYaml({ name: 'good', uri: good.url }),
    );
    for (const id of ['1', '2', '3']) await post(afflux.brokerUrl('default', 'main'), { id });
    await good.received(3);
    await drained(afflux);
    expect(good.ids).toEqual(['1', '2', '3']);
  });
});

describe('TestTriggerDependencyAnnotation', () => {
  const dependency = JSON.stringify({
    kind: 'InMemoryChannel',
    name: 'upstream',
    apiVersion: 'messaging.knative.dev/v1',
  });
  const dependent = (uri: string) =>
    triggerYaml({ name: 'one', uri, annotations: `knative.dev/dependency: '${dependency}'` });

  it('is not Ready as long as what it depends on is not there', async () => {
    const afflux = await startAfflux(brokerYaml() + dependent(UNREACHABLE));
    expect(await readyOf(afflux, 'Trigger', 'one')).toMatchObject({
      ready: 'False',
      reason: 'DependencyDoesNotExist',
    });
  });

  it('becomes Ready with it and delivers', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + dependent(sink.url));
    await afflux.apply(channelYaml({ name: 'upstream' }));
    await expect.poll(async () => (await readyOf(afflux, 'Trigger', 'one')).ready).toBe('True');
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });
});

describe('TestTriggerDeliveryFormat', () => {
  it.each([
    ['json', 'binary'],
    ['json', 'structured'],
    ['binary', 'binary'],
    ['binary', 'structured'],
  ])('delivers as %s what came in %s mode', async (format, mode) => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({ name: 'one', uri: sink.url, spec: `delivery: { format: ${format} }` }),
    );
    const url = afflux.brokerUrl('default', 'main');
    await (mode === 'binary'
      ? post(url, { id: '1' }, '{"n":1}')
      : postJson(url, { specversion: '1.0', id: '1', source: '/s', type: 't', data: { n: 1 } }));
    const [delivery] = await sink.received(1);
    const contentType = delivery?.headers['content-type'] ?? '';
    expect(contentType.startsWith('application/cloudevents+json')).toBe(format === 'json');
    expect(delivery?.headers['ce-id']).toBe(format === 'json' ? undefined : '1');
    expect(JSON.parse(sink.texts[0] ?? '')).toEqual({ n: 1 });
  });
});

describe('subscribers', () => {
  const service = (name: string, uri = '') => `
    subscriber:
      ref: { apiVersion: v1, kind: Service, name: ${name} }
      ${uri === '' ? '' : `uri: ${uri}`}
  `;

  it('finds a Service where the project file says it runs', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', spec: service('orders') }),
      { services: { 'default/orders': `http://127.0.0.1:${String(sink.port)}` } },
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });

  it('finds a Service of type ExternalName', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      `
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: default }
spec:
  type: ExternalName
  externalName: localhost
  ports: [{ port: ${String(sink.port)} }]
---` +
        brokerYaml() +
        triggerYaml({ name: 'one', spec: service('orders') }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });

  it('resolves a uri against the address of a ref', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', spec: service('orders', '/hooks/created') }),
      { services: { 'default/orders': `http://127.0.0.1:${String(sink.port)}/base` } },
    );
    await post(afflux.brokerUrl('default', 'main'));
    const [delivery] = await sink.received(1);
    expect(delivery?.path).toBe('/hooks/created');
  });

  it('says what to add for a Service that nobody has mapped', async () => {
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', spec: service('orders') }),
    );
    const { ready, reason, message } = await readyOf(afflux, 'Trigger', 'one');
    expect([ready, reason]).toEqual(['False', "Unable to get the Subscriber's URI"]);
    expect(message).toContain('services: { "default/orders": "http://localhost:9000" }');
    expect((await seen(afflux, 'Trigger', 'one')).status.subscriberUri).toBeUndefined();
  });

  it('becomes Ready when the Service appears', async () => {
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', spec: service('orders') }),
    );
    await afflux.apply(`
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: default }
spec: { type: ExternalName, externalName: localhost }
`);
    expect(await readyOf(afflux, 'Trigger', 'one')).toMatchObject({ ready: 'True' });
    expect((await seen(afflux, 'Trigger', 'one')).status.subscriberUri).toBe('http://localhost');
  });

  it('delivers to another broker', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        brokerYaml('second') +
        triggerYaml({ name: 'far', broker: 'second', uri: sink.url }) +
        triggerYaml({
          name: 'near',
          spec: `
            subscriber:
              ref: { apiVersion: ${EVENTS}, kind: Broker, name: second }
          `,
        }),
    );
    await post(afflux.brokerUrl('default', 'main'), { id: 'through' });
    await sink.received(1);
    expect(sink.ids).toEqual(['through']);
  });
});

describe('TestBrokerTriggerCrossNamespaceReference', () => {
  const crossing = `
apiVersion: ${EVENTS}
kind: Trigger
metadata: { name: far, namespace: team-b }
spec:
  brokerRef: { apiVersion: ${EVENTS}, kind: Broker, name: main, namespace: default }
  subscriber: { uri: '${UNREACHABLE}' }
`;

  it('is refused without the feature cross-namespace-event-links', async () => {
    const afflux = await startAfflux(brokerYaml());
    await expect(afflux.apply(crossing)).rejects.toThrow('must not set the field(s)');
  });

  it('is refused with the feature as long as nobody grants it', async () => {
    const afflux = await startAfflux(
      featuresYaml({ 'cross-namespace-event-links': 'Enabled' }) + brokerYaml(),
    );
    await expect(afflux.apply(crossing)).rejects.toThrow(
      'is not authorized to get target resource in namespace: default',
    );
  });

  it('names its broker by reference within its own namespace', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      `${brokerYaml()}
apiVersion: ${EVENTS}
kind: Trigger
metadata: { name: near, namespace: default }
spec:
  brokerRef: { apiVersion: ${EVENTS}, kind: Broker, name: main }
  subscriber: { uri: '${sink.url}' }
`,
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });
});

describe('changes of a trigger', () => {
  it('applies a new filter to the events that come after it', async () => {
    const sink = await startSubscriber();
    const filtered = (type: string) =>
      triggerYaml({ name: 'one', uri: sink.url, spec: `filters: [{ exact: { type: ${type} } }]` });
    const afflux = await startAfflux(brokerYaml() + filtered('a'));
    const url = afflux.brokerUrl('default', 'main');
    await post(url, { type: 'b', id: 'early' });
    if (!promises('filtersAtPublish')) await afflux.delivered(AbortSignal.timeout(10_000));
    await afflux.apply(filtered('b'));
    await post(url, { type: 'b', id: 'late' });
    await drained(afflux);
    expect(sink.ids).toEqual(['late']);
  });

  it('applies a new subscriber to the events that come after it', async () => {
    const [before, after] = [await startSubscriber(), await startSubscriber()];
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: before.url }));
    await afflux.apply(triggerYaml({ name: 'one', uri: after.url }));
    await post(afflux.brokerUrl('default', 'main'));
    await after.received(1);
    await drained(afflux);
    expect(before.deliveries).toHaveLength(0);
  });
});
