/** Channels and Subscriptions: what they show in their status, and what arrives behind them. */
import { describe, expect, it } from 'vitest';
import { CHANNEL_KINDS, startChannel } from '../support/channel.ts';
import { channelYaml, subscriptionYaml } from '../support/manifests.ts';
import { drained, post, postJson, readyOf, seen, send, startAfflux } from '../support/process.ts';
import { replyWith, startSubscriber } from '../support/subscriber.ts';
import { BACKING_KIND } from '../support/scenario-channel.ts';

const REQUIRED = { specversion: '1.0', id: '1', source: '/s', type: 't' };

/** The required attributes as headers, but for one. */
function headersWithout(missing: string): Readonly<Record<string, string>> {
  const entries = Object.entries(REQUIRED).filter(([name]) => name !== missing);
  return Object.fromEntries(entries.map(([name, value]) => [`ce-${name}`, value]));
}

describe('TestChannelSpec', () => {
  it.each(CHANNEL_KINDS)(
    'puts a Subscription into spec.subscribers of what backs a %s',
    async (kind) => {
      const { afflux, sink } = await startChannel({ kind });
      const behind = kind === 'Channel' ? BACKING_KIND : kind;
      const { spec } = await seen(afflux, behind, 'main');
      const { uid } = (await seen(afflux, 'Subscription', 'one')).metadata;
      expect(spec['subscribers']).toEqual([
        expect.objectContaining({ uid, name: 'one', subscriberUri: sink.url }),
      ]);
    },
  );

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
  it.each(CHANNEL_KINDS)('shows the address of a %s, where events are taken', async (kind) => {
    const { afflux, sink } = await startChannel({ kind });
    const { url = '' } = (await seen(afflux, kind, 'main')).status.address ?? {};
    expect((await post(url)).status).toBe(202);
    await sink.received(1);
  });

  it.each(CHANNEL_KINDS)('annotates a %s as subscribable', async (kind) => {
    const { afflux } = await startChannel({ kind });
    const { annotations } = (await seen(afflux, kind, 'main')).metadata;
    expect(annotations).toMatchObject({ 'messaging.knative.dev/subscribable': 'v1' });
  });

  it.each(CHANNEL_KINDS)('observes the present generation of a %s', async (kind) => {
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
  it.each(CHANNEL_KINDS)('marks each subscriber of a %s as ready, by its uid', async (kind) => {
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
      const headers = headersWithout(missing);
      expect((await send(url, headers, '{}')).status).toBe(400);
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
  it.each(CHANNEL_KINDS)(
    'sends the reply of a subscriber of a %s to a second one',
    async (kind) => {
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
    },
  );

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

describe('TestChannelConformance · control plane', () => {
  it('shows the address of a resolved dead letter sink', async () => {
    const afflux = await startAfflux(
      channelYaml({
        name: 'main',
        spec: "delivery: { deadLetterSink: { uri: 'http://dead.example/letters' } }",
      }),
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
      .poll(() =>
        seen(afflux, 'InMemoryChannel', 'main').then(
          () => 'there',
          () => 'gone',
        ),
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
