/** Which triggers get which event, replies included. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokerYaml, channelYaml, subscriptionYaml, triggerYaml } from '../support/manifests.ts';
import { drained, post, seen, send, startAfflux } from '../support/process.ts';
import { replyWith, startSubscriber, type Answer, type Subscriber } from '../support/subscriber.ts';
import { BACKING_KIND } from '../support/scenario-channel.ts';

/** A broker with one trigger per entry: the subscriber's answer, and the attributes it filters by. */
async function startRouting(
  triggers: Readonly<Record<string, { readonly answer?: Answer; readonly wants?: string }>>,
): Promise<{
  readonly sinks: Readonly<Record<string, Subscriber>>;
  /** Posts one event and resolves with the types that each subscriber has got when all is over. */
  readonly route: (attributes: Readonly<Record<string, string>>) => Promise<object>;
}> {
  const sinks: Record<string, Subscriber> = {};
  let yaml = brokerYaml();
  for (const [name, { answer = 200, wants }] of Object.entries(triggers)) {
    const sink = await startSubscriber(answer);
    sinks[name] = sink;
    const spec = wants === undefined ? '' : `filters: [{ exact: ${wants} }]`;
    yaml += triggerYaml({ name, uri: sink.url, spec });
  }
  const afflux = await startAfflux(yaml);
  const route = async (attributes: Readonly<Record<string, string>>): Promise<object> => {
    expect((await post(afflux.brokerUrl('default', 'main'), attributes)).status).toBe(202);
    await drained(afflux);
    return Object.fromEntries(
      Object.entries(sinks).map(([name, sink]) => [
        name,
        sink.deliveries.map(({ event }) => event.type).toSorted(),
      ]),
    );
  };
  return { sinks, route };
}

describe('Event Routing', () => {
  it('routing-test-0: one trigger without a filter gets the event', async () => {
    const { route } = await startRouting({ one: {} });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'] });
  });

  it('routing-test-1: one trigger whose filter does not match gets nothing', async () => {
    const { route } = await startRouting({ one: { wants: '{ type: b }' } });
    expect(await route({ type: 'a' })).toEqual({ one: [] });
  });

  it('routing-test-2: one trigger whose filter matches gets the event', async () => {
    const { route } = await startRouting({ one: { wants: '{ type: a }' } });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'] });
  });

  it('routing-test-3: two triggers whose filters match both get the event', async () => {
    const { route } = await startRouting({
      one: { wants: '{ type: a }' },
      two: { wants: '{ type: a }' },
    });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'], two: ['a'] });
  });

  it('routing-test-4: of two triggers only the matching one gets the event', async () => {
    const { route } = await startRouting({
      one: { wants: '{ type: a }' },
      two: { wants: '{ type: b }' },
    });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'], two: [] });
  });

  it("routing-test-5: the first trigger's reply reaches the trigger that matches the reply", async () => {
    const { route } = await startRouting({
      one: { wants: '{ type: a }', answer: replyWith('b') },
      two: { wants: '{ type: b }' },
    });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'], two: ['b'] });
  });

  it('routing-test-6: two triggers without filters both get the event', async () => {
    const { route } = await startRouting({ one: {}, two: {} });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'], two: ['a'] });
  });
});

describe('TestBrokerWithManyTriggers', () => {
  const TYPES = ['type.1', 'type.2'];
  const SOURCES = ['/source/1', '/source/2'];
  const EXTENSIONS = ['1', '2'];

  /** One trigger per combination of attributes that it cares about; the id says which it is. */
  const wanted = [undefined, ...TYPES].flatMap((type) =>
    [undefined, ...SOURCES].flatMap((source) =>
      [undefined, ...EXTENSIONS].map((myext) => ({ type, source, myext })),
    ),
  );

  /** Present attributes only; JSON is YAML. */
  function text(attributes: object): string {
    return JSON.stringify(attributes);
  }

  it.each([
    ['filters', (attributes: object) => `filters: [{ exact: ${text(attributes)} }]`],
    [
      'the old filter.attributes',
      (attributes: object) => `filter: { attributes: ${text(attributes)} }`,
    ],
  ])('gives each of 27 triggers exactly its events, with %s', async (_style, filterText) => {
    const sink = await startSubscriber();
    let yaml = brokerYaml();
    for (const [index, attributes] of wanted.entries()) {
      const hasNone = Object.values(attributes).every((value) => value === undefined);
      yaml += triggerYaml({
        name: `t-${String(index)}`,
        uri: `${sink.url}${String(index)}`,
        spec: hasNone ? '' : filterText(attributes),
      });
    }
    const afflux = await startAfflux(yaml);
    const expected: string[] = [];
    for (const type of TYPES) {
      for (const source of SOURCES) {
        for (const myext of EXTENSIONS) {
          const id = [type, source, myext].join('|');
          await post(afflux.brokerUrl('default', 'main'), { id, type, source, myext });
          for (const [index, want] of wanted.entries()) {
            const matches =
              (want.type ?? type) === type &&
              (want.source ?? source) === source &&
              (want.myext ?? myext) === myext;
            if (matches) expected.push(`/${String(index)} ${id}`);
          }
        }
      }
    }
    await drained(afflux);
    const got = sink.deliveries.map(({ path, event }) => `${path} ${event.id}`);
    expect(got.toSorted()).toEqual(expected.toSorted());
  });
});

describe('TestBrokerWorkFlowWithTransformation', () => {
  it('carries replies on to further triggers and into a channel', async () => {
    const first = await startSubscriber(replyWith('step.two', 'two'));
    const second = await startSubscriber(replyWith('step.three', 'three'));
    const last = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        channelYaml({ name: 'results' }) +
        subscriptionYaml({ name: 'results', channel: 'results', uri: last.url }) +
        triggerYaml({
          name: 'first',
          uri: first.url,
          spec: 'filters: [{ exact: { type: start } }]',
        }) +
        triggerYaml({
          name: 'second',
          uri: second.url,
          spec: 'filters: [{ exact: { type: step.two } }]',
        }) +
        triggerYaml({
          name: 'third',
          spec: `
            filters: [{ exact: { type: step.three } }]
            subscriber:
              ref: { apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel, name: results }
          `,
        }),
    );
    await post(afflux.brokerUrl('default', 'main'), { type: 'start' });
    const [delivery] = await last.received(1);
    expect(delivery?.event.type).toBe('step.three');
    expect(last.texts).toEqual(['three']);
  });
});

describe('TestBrokerChannelFlow', () => {
  it('replies to the broker, and passes the reply through a channel to its subscriber', async () => {
    const transformer = await startSubscriber(replyWith('transformed', 'new body'));
    const logger = await startSubscriber();
    const allEvents = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        channelYaml({ name: 'flow' }) +
        subscriptionYaml({ name: 'logger', channel: 'flow', uri: logger.url }) +
        triggerYaml({
          name: 'transform',
          uri: transformer.url,
          spec: 'filter: { attributes: { type: original } }',
        }) +
        triggerYaml({ name: 'all', uri: allEvents.url }) +
        triggerYaml({
          name: 'channel',
          spec: `
            filter: { attributes: { type: transformed } }
            subscriber:
              ref: { apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel, name: flow }
          `,
        }),
    );
    await post(afflux.brokerUrl('default', 'main'), { type: 'original' });
    await drained(afflux);
    expect(logger.deliveries.map(({ event }) => event.type)).toEqual(['transformed']);
    expect(allEvents.deliveries.map(({ event }) => event.type).toSorted()).toEqual([
      'original',
      'transformed',
    ]);
  });
});

describe('TestEventTransformationForTrigger', () => {
  it('keeps what the replier gave the reply: attributes, extensions and body', async () => {
    const transformer = await startSubscriber(
      replyWith('transformed', 'new body', { 'ce-myext': 'mine', 'ce-subject': 'reply' }),
    );
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'transform',
          uri: transformer.url,
          spec: 'filters: [{ exact: { type: original } }]',
        }) +
        triggerYaml({
          name: 'sink',
          uri: sink.url,
          spec: 'filters: [{ exact: { type: transformed } }]',
        }),
    );
    await post(afflux.brokerUrl('default', 'main'), { id: 'o', type: 'original' });
    const [delivery] = await sink.received(1);
    expect(delivery?.headers).toMatchObject({
      'ce-id': 'reply-o',
      'ce-source': '/subscriber',
      'ce-myext': 'mine',
      'ce-subject': 'reply',
      'content-type': 'text/plain',
    });
    expect(sink.texts).toEqual(['new body']);
  });
});

describe('TestBrokerDataPlaneConsumer', () => {
  it('preserves attributes and extensions, and adds only its own', async () => {
    const { sinks, route } = await startRouting({ one: {} });
    const sent = {
      id: '1',
      source: '/src?q=1',
      type: 'a',
      subject: 'sub/ject',
      time: '2020-01-02T03:04:05.678901Z',
      dataschema: 'http://example.com/schema',
      comexampleext: 'with blank and %C3%BCmlaut',
    };
    await route(sent);
    const headers = sinks['one']?.deliveries[0]?.headers ?? {};
    const got = Object.entries(headers).filter(
      ([name]) => name.startsWith('ce-') && !name.startsWith('ce-knative'),
    );
    // Which characters of a value are percent-encoded is nobody's business.
    const decoded = (pairs: readonly (readonly [string, unknown])[]) =>
      Object.fromEntries(pairs.map(([name, value]) => [name, decodeURIComponent(String(value))]));
    const expected = Object.entries({ specversion: '1.0', ...sent });
    expect(decoded(got)).toEqual(decoded(expected.map(([name, value]) => [`ce-${name}`, value])));
  });

  it('fans one event out to several consumers', async () => {
    const { route } = await startRouting({ one: {}, two: {}, three: {} });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'], two: ['a'], three: ['a'] });
  });

  it('takes a structured reply as well as a binary one', async () => {
    const { route } = await startRouting({
      one: {
        wants: '{ type: a }',
        answer: {
          status: 200,
          headers: { 'content-type': 'application/cloudevents+json' },
          body: JSON.stringify({ specversion: '1.0', id: 'r', source: '/r', type: 'b' }),
        },
      },
      two: { wants: '{ type: b }' },
    });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'], two: ['b'] });
  });

  it('shows a reply to every trigger, the replying one included', async () => {
    const { route } = await startRouting({
      one: {
        answer: (delivery, count, response) =>
          delivery.event.type === 'a'
            ? (replyWith('b') as (...all: unknown[]) => Answer)(delivery, count, response)
            : 200,
      },
    });
    expect(await route({ type: 'a' })).toEqual({ one: ['a', 'b'] });
  });

  it('counts a 2xx with a body that is no event as delivered', async () => {
    const { route } = await startRouting({ one: { answer: { status: 200, body: 'ok' } } });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'] });
  });

  it('treats the body of a 202 as no reply', async () => {
    const reply = {
      status: 202,
      headers: { 'ce-specversion': '1.0', 'ce-id': 'r', 'ce-source': '/r', 'ce-type': 'b' },
    };
    const { route } = await startRouting({
      one: { wants: '{ type: a }', answer: reply },
      two: { wants: '{ type: b }' },
    });
    expect(await route({ type: 'a' })).toEqual({ one: ['a'], two: [] });
  });

  it('hides the hop count from subscribers', async () => {
    const { sinks, route } = await startRouting({ one: {} });
    await route({ type: 'a', knativebrokerttl: '9' });
    expect(sinks['one']?.deliveries[0]?.headers['ce-knativebrokerttl']).toBeUndefined();
  });

  it('passes on x-request-id, knative-* and x-b3-* headers and no others', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    await post(afflux.brokerUrl('default', 'main'), {}, '{}', {
      'x-request-id': 'r-1',
      'knative-hello': 'world',
      'x-b3-traceid': 'b3',
      authorization: 'Bearer secret',
      cookie: 'a=b',
      'x-custom': 'no',
      'retry-after': '5',
    });
    const [delivery] = await sink.received(1);
    expect(delivery?.headers).toMatchObject({
      'x-request-id': 'r-1',
      'knative-hello': 'world',
      'x-b3-traceid': 'b3',
    });
    for (const name of ['authorization', 'cookie', 'x-custom', 'retry-after']) {
      expect(delivery?.headers[name], name).toBeUndefined();
    }
  });

  it('takes an event again that an event with the same id went before', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    for (let time = 0; time < 2; time += 1) {
      await post(afflux.brokerUrl('default', 'main'), { id: 'same' });
    }
    await sink.received(2);
    expect(sink.ids).toEqual(['same', 'same']);
  });

  it('delivers the JSON data of a structured event digit by digit', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    const data = '{"big":9007199254740993,"precise":1.10}';
    await send(
      afflux.brokerUrl('default', 'main'),
      { 'content-type': 'application/cloudevents+json' },
      `{"specversion":"1.0","id":"1","source":"/s","type":"t","data":${data}}`,
    );
    await sink.received(1);
    expect(sink.texts).toEqual([data]);
  });
});

describe('TestBrokerPropagatesMetadata', () => {
  const annotations = `
    messaging.knative.dev/async-handler: "true"
    example.com/other: stays
  `;

  it('hands messaging.knative.dev annotations and its labels on to its channel', async () => {
    const afflux = await startAfflux(brokerYaml('main', '', annotations));
    const { metadata } = await seen(afflux, BACKING_KIND, 'main-kne-trigger');
    expect(metadata.annotations).toMatchObject({
      'messaging.knative.dev/async-handler': 'true',
      'eventing.knative.dev/scope': 'cluster',
    });
    expect(metadata.annotations).not.toHaveProperty('example.com/other');
    expect(metadata.labels).toEqual({
      'eventing.knative.dev/broker': 'main',
      'eventing.knative.dev/brokerEverything': 'true',
    });
  });

  it('delivers events of such a broker', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml('main', '', annotations) + triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });
});

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PRODUCER_SPAN_ID = 'b7ad6b7169203331';

describe('TestBrokerTracing', () => {
  it('keeps one trace from the sender through a transformer and its reply to the logger', async () => {
    // As a service with tracing does: the reply carries no trace headers, the request did.
    const transformer = await startSubscriber(replyWith('b'));
    const logger = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'transformer',
          uri: transformer.url,
          spec: 'filters: [{ exact: { type: a } }]',
        }) +
        triggerYaml({ name: 'logger', uri: logger.url, spec: 'filters: [{ exact: { type: b } }]' }),
    );
    await post(afflux.brokerUrl('default', 'main'), { type: 'a' }, '{}', {
      traceparent: `00-${TRACE_ID}-${PRODUCER_SPAN_ID}-01`,
    });
    await logger.received(1);
    expect(transformer.deliveries[0]?.headers['traceparent']).toContain(TRACE_ID);
    expect(logger.deliveries[0]?.headers['traceparent']).toContain(TRACE_ID);
  });

  it('sends connected spans to an OTLP endpoint when there is one', async () => {
    const collector = await startCollector();
    const transformer = await startSubscriber(replyWith('b'));
    const logger = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'transformer',
          uri: transformer.url,
          spec: 'filters: [{ exact: { type: a } }]',
        }) +
        triggerYaml({ name: 'logger', uri: logger.url, spec: 'filters: [{ exact: { type: b } }]' }),
      { tracing: { endpoint: collector.url } },
    );
    await post(afflux.brokerUrl('default', 'main'), { type: 'a' }, '{}', {
      traceparent: `00-${TRACE_ID}-${PRODUCER_SPAN_ID}-01`,
    });
    await drained(afflux);
    const { spans } = collector;
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['send trigger:transformer.default', 'send trigger:logger.default']),
    );
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    const known = new Set([PRODUCER_SPAN_ID, ...spans.map(({ spanId }) => spanId)]);
    expect(spans.filter(({ parentSpanId }) => !known.has(parentSpanId))).toEqual([]);
  });
});

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

/** Takes spans as OTLP over HTTP with JSON. */
async function startCollector(): Promise<{
  readonly url: string;
  readonly spans: readonly Span[];
}> {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
      };
      for (const { scopeSpans } of resourceSpans) {
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, spans };
}
