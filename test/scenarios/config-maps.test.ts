/** The config maps of the system namespace, applied live. */
import { describe, expect, it } from 'vitest';
import {
  brokerYaml,
  channelYaml,
  configMapYaml,
  featuresYaml,
  flowYaml,
  subscriptionYaml,
  triggerYaml,
} from '../support/manifests.ts';
import { drained, post, readyOf, seen, startAfflux } from '../support/process.ts';
import { startSubscriber, UNREACHABLE } from '../support/subscriber.ts';

const URI = 'http://subscriber.example/';

/** config-br-defaults: one delivery for the cluster, further entries as given. */
function brokerDefaults(delivery: string, more = ''): string {
  return configMapYaml(
    'config-br-defaults',
    'default-br-config',
    `clusterDefault:
  brokerClass: MTChannelBasedBroker
  apiVersion: v1
  kind: ConfigMap
  name: config-br-default-channel
  namespace: knative-eventing
  delivery: ${delivery}
${more}`,
  );
}

/** default-ch-webhook: a delivery of the cluster's channels says which entry was used. */
function channelDefaults(more = ''): string {
  const template = (retry: number) =>
    `{ apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel, spec: { delivery: { retry: ${String(retry)} } } }`;
  return configMapYaml(
    'default-ch-webhook',
    'default-ch-config',
    `clusterDefault: ${template(3)}
namespaceDefaults: { special: ${template(7)} }
${more}`,
  );
}

describe('config-br-defaults', () => {
  it('holds for brokers that are made after a change, and leaves older ones alone', async () => {
    const afflux = await startAfflux(brokerDefaults('{ retry: 1 }') + brokerYaml('before'));
    await afflux.apply(brokerDefaults('{ retry: 2 }'));
    await afflux.apply(brokerYaml('after'));
    const retries = await Promise.all(
      ['before', 'after'].map(
        async (name) => (await seen(afflux, 'Broker', name)).spec['delivery'],
      ),
    );
    expect(retries).toEqual([{ retry: 1 }, { retry: 2 }]);
  });

  it('prefers the entry of the namespace', async () => {
    const afflux = await startAfflux(
      brokerDefaults(
        '{ retry: 1 }',
        `namespaceDefaults:
  special:
    brokerClass: MTChannelBasedBroker
    apiVersion: v1
    kind: ConfigMap
    name: config-br-default-channel
    namespace: knative-eventing
    delivery: { retry: 5 }`,
      ) + brokerYaml('main', '', '', 'special'),
    );
    const { spec } = await seen(afflux, 'Broker', 'main', 'special');
    expect(spec['delivery']).toEqual({ retry: 5 });
  });

  it('covers every field of delivery, timeout and dead letter sink included', async () => {
    const delivery = {
      retry: 2,
      backoffPolicy: 'linear',
      backoffDelay: 'PT1S',
      timeout: 'PT10S',
      format: 'json',
      deadLetterSink: { uri: 'http://dead.example/' },
    };
    const afflux = await startAfflux(brokerDefaults(JSON.stringify(delivery)) + brokerYaml());
    expect((await seen(afflux, 'Broker', 'main')).spec['delivery']).toEqual(delivery);
  });

  it('lets a namespace insist on configurations of its own', async () => {
    const afflux = await startAfflux(
      brokerDefaults(
        '{ retry: 1 }',
        'namespaceDefaults: { special: { disallowDifferentNamespaceConfig: true } }',
      ),
    );
    const foreign = 'config: { apiVersion: v1, kind: ConfigMap, name: x, namespace: elsewhere }';
    await expect(afflux.apply(brokerYaml('main', foreign, '', 'special'))).rejects.toThrow(
      'mismatched namespaces',
    );
  });

  it('is refused when it is wrong, and the earlier settings stay', async () => {
    const afflux = await startAfflux(brokerDefaults('{ retry: 4 }'));
    await expect(afflux.apply(brokerDefaults('{ retry: -1 }'))).rejects.toThrow('retry');
    await afflux.apply(brokerYaml());
    expect((await seen(afflux, 'Broker', 'main')).spec['delivery']).toEqual({ retry: 4 });
  });
});

describe('spec.config of a Broker', () => {
  const template = (name: string, text: string) => `
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}, namespace: default }
data:
  channel-template-spec: |
    ${text}
---`;
  const config = 'config: { apiVersion: v1, kind: ConfigMap, name: my-channel }';

  it('says which channel the broker stands on', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      template('my-channel', '{ apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel }') +
        brokerYaml('main', config) +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });

  it('makes the broker wait for a config map that is missing', async () => {
    const afflux = await startAfflux(brokerYaml('main', config));
    const { ready, reason, message } = await readyOf(afflux, 'Broker', 'main');
    expect([ready, reason]).toEqual(['False', 'ChannelTemplateFailed']);
    expect(message).toContain('ConfigMap "default/my-channel" of spec.config was not found');
    await afflux.apply(
      template('my-channel', '{ apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel }'),
    );
    expect(await readyOf(afflux, 'Broker', 'main')).toMatchObject({ ready: 'True' });
  });

  it('names a channel kind that is not available here', async () => {
    const afflux = await startAfflux(
      template(
        'my-channel',
        '{ apiVersion: messaging.knative.dev/v1beta1, kind: NatsJetStreamChannel }',
      ) + brokerYaml('main', config),
    );
    expect((await readyOf(afflux, 'Broker', 'main')).message).toContain(
      'channel kind NatsJetStreamChannel (messaging.knative.dev/v1beta1) is not available here',
    );
  });
});

describe('default-ch-webhook', () => {
  async function deliveryOf(kind: 'Channel', namespace: string): Promise<unknown> {
    const yaml = `
apiVersion: messaging.knative.dev/v1
kind: ${kind}
metadata: { name: main, namespace: ${namespace} }
---`;
    const afflux = await startAfflux(channelDefaults() + yaml);
    return (await seen(afflux, 'InMemoryChannel', 'main', namespace)).spec['delivery'];
  }

  it('gives a Channel the template of the cluster', async () => {
    expect(await deliveryOf('Channel', 'default')).toEqual({ retry: 3 });
  });

  it('prefers the template of the namespace', async () => {
    expect(await deliveryOf('Channel', 'special')).toEqual({ retry: 7 });
  });

  it('gives the channels of Sequences and Parallels their template', async () => {
    const afflux = await startAfflux(
      channelDefaults() +
        flowYaml('Sequence', 'seq', `steps: [{ uri: '${URI}' }]`) +
        flowYaml('Parallel', 'par', `branches: [{ subscriber: { uri: '${URI}' } }]`),
    );
    for (const name of ['seq-kn-sequence-0', 'par-kn-parallel', 'par-kn-parallel-0']) {
      const { spec } = await seen(afflux, 'InMemoryChannel', name);
      expect(spec['delivery'], name).toEqual({ retry: 3 });
    }
  });

  it('holds for channels that are made after a change', async () => {
    const afflux = await startAfflux('');
    await afflux.apply(channelDefaults());
    await afflux.apply(channelYaml({ name: 'after', kind: 'Channel' }));
    expect((await seen(afflux, 'InMemoryChannel', 'after')).spec['delivery']).toEqual({ retry: 3 });
  });
});

describe('config-features', () => {
  const timed = brokerYaml('main', 'delivery: { timeout: PT5S }');
  const waiting = brokerYaml('main', 'delivery: { retryAfterMax: PT5S }');

  it('delivery-retryafter opens and closes live', async () => {
    const afflux = await startAfflux('');
    await expect(afflux.apply(waiting)).rejects.toThrow('must not set the field(s)');
    await afflux.apply(featuresYaml({ 'delivery-retryafter': 'enabled' }));
    await afflux.apply(waiting);
    await afflux.apply(featuresYaml({ 'delivery-retryafter': 'Disabled' }));
    await expect(afflux.apply(waiting.replaceAll('main', 'other'))).rejects.toThrow(
      'must not set the field(s)',
    );
  });

  it('delivery-timeout can be switched off', async () => {
    const afflux = await startAfflux(featuresYaml({ 'delivery-timeout': 'Disabled' }));
    await expect(afflux.apply(timed)).rejects.toThrow('must not set the field(s)');
  });

  it('refuses a value that a flag cannot have', async () => {
    const afflux = await startAfflux('');
    await expect(afflux.apply(featuresYaml({ 'delivery-timeout': 'Perhaps' }))).rejects.toThrow(
      'data[delivery-timeout]',
    );
  });

  it('kreference-group lets a reference name its group without a version', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      featuresYaml({ 'kreference-group': 'Enabled' }) +
        brokerYaml() +
        channelYaml({ name: 'target' }) +
        subscriptionYaml({ name: 'log', channel: 'target', uri: sink.url }) +
        triggerYaml({
          name: 'one',
          spec: 'subscriber: { ref: { group: messaging.knative.dev, kind: InMemoryChannel, name: target } }',
        }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
  });

  it('kreference-group is off as shipped', async () => {
    const afflux = await startAfflux('');
    await expect(
      afflux.apply(
        triggerYaml({
          name: 'one',
          spec: 'subscriber: { ref: { group: messaging.knative.dev, kind: InMemoryChannel, name: x } }',
        }),
      ),
    ).rejects.toThrow('spec.subscriber.ref.group');
  });

  it('kreference-mapping gives an address to kinds that have none', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      featuresYaml({ 'kreference-mapping': 'Enabled' }) +
        configMapYaml(
          'config-kreference-mapping',
          'ConfigMap.v1',
          `${sink.url}{{ .Namespace }}/{{ .Name }}`,
        ) +
        brokerYaml() +
        triggerYaml({
          name: 'one',
          spec: 'subscriber: { ref: { apiVersion: v1, kind: ConfigMap, name: mapped } }',
        }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    const [delivery] = await sink.received(1);
    expect(delivery?.path).toBe('/default/mapped');
  });
});

describe('delivery of a running broker', () => {
  it('applies a changed delivery to the events that come after it', async () => {
    const [first, second] = [await startSubscriber(), await startSubscriber()];
    const withSink = (uri: string) =>
      brokerYaml('main', `delivery: { retry: 0, deadLetterSink: { uri: '${uri}' } }`);
    const afflux = await startAfflux(
      withSink(first.url) + triggerYaml({ name: 'one', uri: UNREACHABLE }),
    );
    await post(afflux.brokerUrl('default', 'main'), { id: 'early' });
    await first.received(1);
    await afflux.apply(withSink(second.url));
    await post(afflux.brokerUrl('default', 'main'), { id: 'late' });
    await second.received(1);
    await drained(afflux);
    expect([first.ids, second.ids]).toEqual([['early'], ['late']]);
  });
});
