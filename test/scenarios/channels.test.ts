/** Channels and Subscriptions: what they show in their status, and what arrives behind them. */
import { describe, expect, it } from 'vitest';
import type { Afflux } from '@afflux/server';
import { channelYaml, subscriptionYaml } from '../support/manifests.ts';
import { drained, post, postJson, readyOf, seen, send, startAfflux } from '../support/process.ts';
import {
  failFirst,
  replyWith,
  startSubscriber,
  UNREACHABLE,
  type Answer,
  type Delivery,
  type Subscriber,
} from '../support/subscriber.ts';

const KINDS = ['InMemoryChannel', 'Channel'] as const;
const REQUIRED = { specversion: '1.0', id: '1', source: '/s', type: 't' };

interface World {
  readonly afflux: Afflux;
  readonly url: string;
  readonly sink: Subscriber;
}

/** A channel `main` with one subscription `one`. */
async function startChannel(
  options: {
    readonly kind?: 'Channel' | 'InMemoryChannel';
    readonly answer?: Answer;
    /** Further lines of the Subscription's spec. */
    readonly spec?: string;
    readonly channelSpec?: string;
    readonly annotations?: string;
  } = {},
): Promise<World> {
  const { kind = 'InMemoryChannel', answer = 200, spec = '', channelSpec = '' } = options;
  const sink = await startSubscriber(answer);
  const afflux = await startAfflux(
    channelYaml({
      name: 'main',
      kind,
      spec: channelSpec,
      annotations: options.annotations ?? '',
    }) + subscriptionYaml({ name: 'one', channel: 'main', kind, uri: sink.url, spec }),
  );
  return { afflux, url: afflux.channelUrl('default', 'main'), sink };
}

function deadLetterText(uri: string, retry = 0): string {
  return `
    delivery:
      retry: ${String(retry)}
      backoffPolicy: linear
      backoffDelay: PT0.01S
      deadLetterSink: { uri: '${uri}' }
  `;
}

function textOf(delivery: Delivery | undefined, name: string): string | undefined {
  return delivery?.event.getText(name);
}

describe('TestChannelSpec', () => {
  it.each(KINDS)('puts a Subscription into spec.subscribers of what backs a %s', async (kind) => {
    const { afflux, sink } = await startChannel({ kind });
    const { spec } = await seen(afflux, 'InMemoryChannel', 'main');
    const { uid } = (await seen(afflux, 'Subscription', 'one')).metadata;
    expect(spec['subscribers']).toEqual([
      expect.objectContaining({ uid, name: 'one', subscriberUri: sink.url }),
    ]);
  });

  it('takes subscribers that stand in the manifest of an InMemoryChannel', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({
        name: 'main',
        spec: `subscribers: [{ uid: '1234', subscriberUri: '${sink.url}' }]`,
      }),
    );
    await post(afflux.channelUrl('default', 'main'));
    await sink.received(1);
  });

  it('refuses subscribers in the manifest of a Channel', async () => {
    const afflux = await startAfflux('');
    await expect(
      afflux.apply(
        channelYaml({
          name: 'main',
          kind: 'Channel',
          spec: "subscribers: [{ uid: '1234', subscriberUri: 'http://x' }]",
        }),
      ),
    ).rejects.toThrow('must not set the field(s)');
  });
});

describe('TestChannelStatus', () => {
  it.each(KINDS)('shows the address of a %s, where events are taken', async (kind) => {
    const { afflux, sink } = await startChannel({ kind });
    const { url = '' } = (await seen(afflux, kind, 'main')).status.address ?? {};
    expect((await post(url)).status).toBe(202);
    await sink.received(1);
  });

  it.each(KINDS)('annotates a %s as subscribable', async (kind) => {
    const { afflux } = await startChannel({ kind });
    const { annotations } = (await seen(afflux, kind, 'main')).metadata;
    expect(annotations).toMatchObject({ 'messaging.knative.dev/subscribable': 'v1' });
  });

  it.each(KINDS)('observes the present generation of a %s', async (kind) => {
    const { afflux } = await startChannel({ kind });
    const { status, metadata } = await seen(afflux, kind, 'main');
    expect(status.observedGeneration).toBe(metadata.generation);
  });

  it('takes events under the cluster name of the channel', async () => {
    const { afflux, sink } = await startChannel();
    const answer = await post(afflux.url, {}, '{}', {
      host: 'main-kn-channel.default.svc.cluster.local',
    });
    expect(answer.status).toBe(202);
    await sink.received(1);
  });
});

describe('TestChannelStatusSubscriber', () => {
  it.each(KINDS)('marks each subscriber of a %s as ready, by its uid', async (kind) => {
    const { afflux } = await startChannel({ kind });
    const { uid, generation } = (await seen(afflux, 'Subscription', 'one')).metadata;
    expect((await seen(afflux, kind, 'main')).status['subscribers']).toEqual([
      { uid, observedGeneration: generation, ready: 'True' },
    ]);
    expect(await readyOf(afflux, 'Subscription', 'one')).toMatchObject({ ready: 'True' });
  });
});

describe('TestChannelDataPlaneSuccess', () => {
  describe.each(['1.0', '0.3'])('CloudEvents %s', (specversion) => {
    it('goes in and out in binary mode unchanged', async () => {
      const { url, sink } = await startChannel();
      const answer = await post(url, { specversion, id: 'b', myext: 'x' }, 'raw');
      expect(answer.status).toBe(202);
      const [delivery] = await sink.received(1);
      expect(delivery?.headers).toMatchObject({
        'ce-specversion': specversion,
        'ce-id': 'b',
        'ce-myext': 'x',
      });
      expect(sink.texts).toEqual(['raw']);
    });

    it('goes in in structured mode and keeps its version', async () => {
      const { url, sink } = await startChannel();
      const answer = await postJson(url, { ...REQUIRED, specversion, data: { n: 1 } });
      expect(answer.status).toBe(202);
      const [delivery] = await sink.received(1);
      expect(delivery?.event.specversion).toBe(specversion);
      expect(JSON.parse(sink.texts[0] ?? '')).toEqual({ n: 1 });
    });
  });

  it('adds no attribute of its own', async () => {
    const { url, sink } = await startChannel();
    await post(url);
    const [delivery] = await sink.received(1);
    expect(delivery?.event.names().filter((name) => name.startsWith('knative'))).toEqual([]);
  });

  it('delivers to every subscriber', async () => {
    const { afflux, url, sink } = await startChannel();
    const other = await startSubscriber();
    await afflux.apply(subscriptionYaml({ name: 'two', channel: 'main', uri: other.url }));
    await post(url, { id: 'both' });
    await Promise.all([sink.received(1), other.received(1)]);
    expect([sink.ids, other.ids]).toEqual([['both'], ['both']]);
  });

  it('accepts an event that nobody subscribes to', async () => {
    const afflux = await startAfflux(channelYaml({ name: 'empty' }));
    expect((await post(afflux.channelUrl('default', 'empty'))).status).toBe(202);
  });
});

describe('TestChannelDataPlaneFailure', () => {
  it.each(['specversion', 'id', 'source', 'type'])(
    'refuses an event without %s and delivers nothing',
    async (missing) => {
      const { afflux, url, sink } = await startChannel();
      const headers = Object.entries(REQUIRED)
        .filter(([name]) => name !== missing)
        .map(([name, value]) => [`ce-${name}`, value]);
      expect((await send(url, Object.fromEntries(headers), '{}')).status).toBe(400);
      await drained(afflux);
      expect(sink.deliveries).toHaveLength(0);
    },
  );

  it('answers 404 for a channel that is not there, by path and by name', async () => {
    const { afflux } = await startChannel();
    const host = 'other-kn-channel.default.svc.cluster.local';
    expect((await post(afflux.channelUrl('default', 'other'))).status).toBe(404);
    expect((await post(afflux.url, {}, '{}', { host })).status).toBe(404);
  });

  it('answers 405 to GET', async () => {
    const { url } = await startChannel();
    expect((await send(url, {}, '', 'GET')).status).toBe(405);
  });
});

describe('TestChannelPreferHeaderCheck', () => {
  it('tells the subscriber that it may reply', async () => {
    const { url, sink } = await startChannel();
    await post(url);
    const [delivery] = await sink.received(1);
    expect(delivery?.headers).toMatchObject({ prefer: 'reply', 'kn-namespace': 'default' });
  });
});

describe('TestChannelForwardHeadersPrependedWithKnative', () => {
  const headers = { 'knative-hello': 'world' };

  it('passes the header on with a binary event', async () => {
    const { url, sink } = await startChannel();
    await post(url, {}, '{}', headers);
    const [delivery] = await sink.received(1);
    expect(delivery?.headers).toMatchObject(headers);
  });

  it('passes the header on with a structured event', async () => {
    const { url, sink } = await startChannel();
    await send(
      url,
      { 'content-type': 'application/cloudevents+json', ...headers },
      JSON.stringify(REQUIRED),
    );
    const [delivery] = await sink.received(1);
    expect(delivery?.headers).toMatchObject(headers);
  });
});

describe('TestChannelTracingWithReply', () => {
  it('keeps one trace through the channel, a mutator, the reply channel and its logger', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const mutator = await startSubscriber(replyWith('mutated'));
    const logger = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({ name: 'in' }) +
        channelYaml({ name: 'out' }) +
        subscriptionYaml({ name: 'logger', channel: 'out', uri: logger.url }) +
        subscriptionYaml({
          name: 'mutator',
          channel: 'in',
          uri: mutator.url,
          spec: `
            reply:
              ref: { apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel, name: out }
          `,
        }),
    );
    await post(afflux.channelUrl('default', 'in'), {}, '{}', {
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    });
    const [delivery] = await logger.received(1);
    expect(delivery?.event.type).toBe('mutated');
    expect(delivery?.headers['traceparent']).toContain(traceId);
  });
});

describe('TestEventTransformationForSubscriptionV1', () => {
  it.each(KINDS)('sends the reply of a subscriber of a %s to a second one', async (kind) => {
    const transformer = await startSubscriber(replyWith('transformed', 'new body'));
    const logger = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({ name: 'first', kind }) +
        channelYaml({ name: 'second', kind }) +
        subscriptionYaml({ name: 'log', channel: 'second', kind, uri: logger.url }) +
        subscriptionYaml({
          name: 'transform',
          channel: 'first',
          kind,
          uri: transformer.url,
          spec: `
            reply:
              ref: { apiVersion: messaging.knative.dev/v1, kind: ${kind}, name: second }
          `,
        }),
    );
    await post(afflux.channelUrl('default', 'first'));
    await logger.received(1);
    expect(logger.texts).toEqual(['new body']);
  });

  it('discards a reply that nobody asked for', async () => {
    const { afflux, url, sink } = await startChannel({ answer: replyWith('unwanted') });
    await post(url);
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(1);
  });
});

describe('TestBinaryEventForChannel', () => {
  it('arrives as it was sent', async () => {
    const { url, sink } = await startChannel({ kind: 'Channel' });
    await post(
      url,
      { id: 'binary', datacontenttype: 'application/octet-stream' },
      Buffer.of(0, 255),
    );
    const [delivery] = await sink.received(1);
    expect(delivery?.headers['ce-id']).toBe('binary');
    expect(delivery?.event.data).toEqual(Buffer.of(0, 255));
  });
});

describe('TestStructuredEventForChannel', () => {
  it('arrives with its binary data decoded', async () => {
    const { url, sink } = await startChannel({ kind: 'Channel' });
    await postJson(url, { ...REQUIRED, id: 'structured', data_base64: 'AP8=' });
    const [delivery] = await sink.received(1);
    expect(delivery?.headers['ce-id']).toBe('structured');
    expect(delivery?.event.data).toEqual(Buffer.of(0, 255));
  });
});

describe('TestChannelAsyncHandler', () => {
  const ASYNC = 'messaging.knative.dev/async-handler';

  it('delivers with the annotation', async () => {
    const { url, sink } = await startChannel({ annotations: `${ASYNC}: "true"` });
    expect((await post(url)).status).toBe(202);
    await sink.received(1);
  });

  it('delivers after the annotation was changed', async () => {
    const { afflux, url, sink } = await startChannel({ annotations: `${ASYNC}: "false"` });
    await afflux.apply(channelYaml({ name: 'main', annotations: `${ASYNC}: "true"` }));
    expect((await post(url)).status).toBe(202);
    await sink.received(1);
  });

  it('refuses a value that is no boolean', async () => {
    const afflux = await startAfflux('');
    await expect(
      afflux.apply(channelYaml({ name: 'main', annotations: `${ASYNC}: maybe` })),
    ).rejects.toThrow(ASYNC);
  });
});

describe('TestChannelDeadLetterSink', () => {
  it("sends what a subscriber refuses to the channel's dead letter sink", async () => {
    const dead = await startSubscriber();
    const { url } = await startChannel({ answer: 400, channelSpec: deadLetterText(dead.url) });
    await post(url, { id: 'lost' });
    await dead.received(1);
    expect(dead.ids).toEqual(['lost']);
  });

  it("prefers the Subscription's own dead letter sink", async () => {
    const [own, ofChannel] = [await startSubscriber(), await startSubscriber()];
    const { afflux, url } = await startChannel({
      answer: 400,
      spec: deadLetterText(own.url),
      channelSpec: deadLetterText(ofChannel.url),
    });
    await post(url);
    await own.received(1);
    await drained(afflux);
    expect(ofChannel.deliveries).toHaveLength(0);
  });

  it("falls back to the channel's sink where the Subscription's delivery names none", async () => {
    const ofChannel = await startSubscriber();
    const { url } = await startChannel({
      answer: 500,
      spec: 'delivery: { retry: 0 }',
      channelSpec: deadLetterText(ofChannel.url, 5),
    });
    await post(url);
    await ofChannel.received(1);
  });
});

describe('TestGenericChannelDeadLetterSink', () => {
  it("hands a Channel's delivery on to what backs it", async () => {
    const dead = await startSubscriber();
    const { afflux, url } = await startChannel({
      kind: 'Channel',
      answer: 400,
      channelSpec: deadLetterText(dead.url),
    });
    await post(url, { id: 'lost' });
    await dead.received(1);
    expect((await seen(afflux, 'Channel', 'main')).status.deadLetterSinkUri).toBe(dead.url);
  });
});

describe('TestChannelAsDeadLetterSink', () => {
  it.each(KINDS)('takes a %s as dead letter sink', async (kind) => {
    const logger = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({ name: 'main' }) +
        channelYaml({ name: 'dead', kind }) +
        subscriptionYaml({ name: 'log', channel: 'dead', kind, uri: logger.url }) +
        subscriptionYaml({
          name: 'one',
          channel: 'main',
          uri: UNREACHABLE,
          spec: `
            delivery:
              retry: 0
              deadLetterSink:
                ref: { apiVersion: messaging.knative.dev/v1, kind: ${kind}, name: dead }
          `,
        }),
    );
    await post(afflux.channelUrl('default', 'main'), { id: 'lost' });
    const [letter] = await logger.received(1);
    expect(letter?.event.id).toBe('lost');
    expect(textOf(letter, 'knativeerrordest')).toBe(UNREACHABLE);
  });
});

describe('TestChannelDeadLetterSinkExtensions', () => {
  async function letterAfter(answer: Answer | undefined): Promise<{
    readonly letter: Delivery | undefined;
    readonly uri: string;
  }> {
    const dead = await startSubscriber();
    const uri = answer === undefined ? UNREACHABLE : (await startSubscriber(answer)).url;
    const afflux = await startAfflux(
      channelYaml({ name: 'main', spec: deadLetterText(dead.url) }) +
        subscriptionYaml({ name: 'one', channel: 'main', uri }),
    );
    await post(afflux.channelUrl('default', 'main'));
    const [letter] = await dead.received(1);
    return { letter, uri };
  }

  it('names the address that cannot be reached', async () => {
    const { letter, uri } = await letterAfter(undefined);
    expect(textOf(letter, 'knativeerrordest')).toBe(uri);
    expect(textOf(letter, 'knativeerrorcode')).toBe('500');
  });

  it('names address and status of an answer without a body', async () => {
    const { letter, uri } = await letterAfter(422);
    expect(textOf(letter, 'knativeerrordest')).toBe(uri);
    expect(textOf(letter, 'knativeerrorcode')).toBe('422');
  });

  it('carries a body of several lines in base64', async () => {
    const body = '<!doctype html>\n<html>\n<body>catastrophic failure</body>\n</html>\n';
    const { letter } = await letterAfter({ status: 422, body });
    expect(textOf(letter, 'knativeerrordata')).toBe(Buffer.from(body).toString('base64'));
  });
});

describe('TestChannelConformance · retries', () => {
  /** What the four subscriptions of upstream's test do, all on one channel that has a dead letter sink. */
  it.each([
    { name: 'sub1 succeeds at once', answer: 200 as Answer, attempts: 1, deadLetters: 0 },
    { name: 'sub2 fails once and recovers', answer: failFirst(1), attempts: 2, deadLetters: 0 },
    { name: 'sub3 fails for good', answer: 500 as Answer, attempts: 2, deadLetters: 1 },
  ])('$name with retry: 1', async ({ answer, attempts, deadLetters }) => {
    const dead = await startSubscriber();
    const { afflux, url, sink } = await startChannel({
      answer,
      channelSpec: deadLetterText(dead.url, 1),
    });
    await post(url);
    await sink.received(attempts);
    await drained(afflux);
    expect([sink.deliveries.length, dead.deliveries.length]).toEqual([attempts, deadLetters]);
  });

  it.each([
    { name: 'fails once is recovered', replyAnswer: failFirst(1), deadLetters: [] },
    { name: 'fails twice is dead-lettered', replyAnswer: 500 as Answer, deadLetters: ['original'] },
  ])(
    'sub4: with retry: 1 a reply that $name; the subscriber is called once',
    async ({ replyAnswer, deadLetters }) => {
      const dead = await startSubscriber();
      const reply = await startSubscriber(replyAnswer);
      const { afflux, url, sink } = await startChannel({
        answer: replyWith('reply'),
        spec: `reply: { uri: '${reply.url}' }`,
        channelSpec: deadLetterText(dead.url, 1),
      });
      await post(url, { id: 'original' });
      await reply.received(2);
      await drained(afflux);
      expect(sink.deliveries).toHaveLength(1);
      expect(dead.ids).toEqual(deadLetters);
      expect(dead.deliveries.map((letter) => textOf(letter, 'knativeerrordest'))).toEqual(
        deadLetters.map(() => reply.url),
      );
    },
  );
});

describe('TestChannelConformance · control plane', () => {
  it('shows the address of a resolved dead letter sink', async () => {
    const afflux = await startAfflux(
      channelYaml({ name: 'main', spec: deadLetterText('http://dead.example/letters') }),
    );
    expect((await seen(afflux, 'InMemoryChannel', 'main')).status.deadLetterSinkUri).toBe(
      'http://dead.example/letters',
    );
  });

  it('takes its entry out of the channel when a Subscription is removed', async () => {
    const { afflux, url, sink } = await startChannel();
    await afflux.remove({
      apiVersion: 'messaging.knative.dev/v1',
      kind: 'Subscription',
      namespace: 'default',
      name: 'one',
    });
    expect((await seen(afflux, 'InMemoryChannel', 'main')).spec['subscribers'] ?? []).toEqual([]);
    await post(url);
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(0);
  });

  it('removes what backs a Channel together with it', async () => {
    const { afflux } = await startChannel({ kind: 'Channel' });
    await afflux.remove({
      apiVersion: 'messaging.knative.dev/v1',
      kind: 'Channel',
      namespace: 'default',
      name: 'main',
    });
    await expect
      .poll(
        () =>
          seen(afflux, 'InMemoryChannel', 'main').then(
            () => 'there',
            () => 'gone',
          ),
        {
          timeout: 10_000,
        },
      )
      .toBe('gone');
  });

  it('says of a Subscription whose channel is not there what it waits for, and recovers', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      subscriptionYaml({ name: 'one', channel: 'main', uri: sink.url }),
    );
    expect(await readyOf(afflux, 'Subscription', 'one')).toMatchObject({
      ready: 'Unknown',
      reason: 'ChannelReferenceFailed',
    });
    await afflux.apply(channelYaml({ name: 'main' }));
    expect(await readyOf(afflux, 'Subscription', 'one')).toMatchObject({ ready: 'True' });
  });
});

describe('TestChannelChain', () => {
  it('relays an event through ten channels', async () => {
    const sink = await startSubscriber();
    const count = 10;
    let yaml = '';
    for (let index = 0; index < count; index += 1) {
      const next = `channel-${String(index + 1)}`;
      yaml += channelYaml({ name: `channel-${String(index)}` });
      yaml += subscriptionYaml({
        name: `relay-${String(index)}`,
        channel: `channel-${String(index)}`,
        ...(index === count - 1
          ? { uri: sink.url }
          : {
              spec: `
                subscriber:
                  ref: { apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel, name: ${next} }
              `,
            }),
      });
    }
    const afflux = await startAfflux(yaml);
    await post(afflux.channelUrl('default', 'channel-0'), { id: 'travels' }, 'payload');
    await sink.received(1);
    await drained(afflux);
    expect([sink.ids, sink.texts]).toEqual([['travels'], ['payload']]);
  });
});
