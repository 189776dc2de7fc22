/**
 * The manifests of deploy/kafka and deploy/rabbitmq, as Knative's documentation has them, against real servers:
 * nothing is changed but addresses, and the namespace, so that runs do not meet in one topic.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestAfflux, type TestAfflux } from '@afflux/server/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));
const SOON = { timeout: 60_000, interval: 100 } as const;

const kafka = process.env['AFFLUX_TEST_KAFKA'];
const amqp = process.env['AFFLUX_TEST_AMQP'];

/** Starts with nothing, applies the manifests, and removes at the end what they made in the server. */
async function startWith(
  files: readonly string[],
  namespace: string,
  change: (text: string) => string,
): Promise<TestAfflux> {
  const test = await startTestAfflux();
  onTestFinished(() => test.close());
  const texts = await Promise.all(files.map((file) => readFile(join(DEPLOY, file), 'utf8')));
  const manifests = change(texts.join('\n---\n'))
    .replaceAll('namespace: default', `namespace: ${namespace}`)
    .replaceAll('http://localhost:9000/', test.sink.url);
  const objects = await test.afflux.apply(manifests);
  onTestFinished(async () => {
    const carried = objects.filter(({ kind }) => /^(Broker|KafkaChannel|KafkaSink)$/.test(kind));
    for (const { apiVersion, kind, metadata } of carried) {
      await test.afflux.remove({ apiVersion, kind, namespace, name: metadata.name });
    }
  });
  return test;
}

function newNamespace(): string {
  return `manifests-${Math.random().toString(36).slice(2, 10)}`;
}

async function ready(test: TestAfflux, kind: string): Promise<void> {
  await expect
    .poll(() => {
      const found = test.afflux.objects().filter((object) => object.kind === kind);
      return found.length > 0 && found.every((object) => object.ready === 'True') ? 'ready' : found;
    }, SOON)
    .toBe('ready');
}

describe.skipIf(kafka === undefined)('deploy/kafka', () => {
  const onServer = (text: string): string => text.replaceAll('localhost:9092', kafka ?? '');

  it('a Broker of class Kafka takes, filters and delivers', { timeout: 120_000 }, async () => {
    const namespace = newNamespace();
    const test = await startWith(['kafka/broker.yaml'], namespace, onServer);
    await ready(test, 'Broker');
    await ready(test, 'Trigger');
    const send = (type: string) => test.send(`${namespace}/default`, { type });
    await expect.poll(() => send('order.created'), SOON).toBe(202);
    await test.received({ type: 'order.created', path: '/ordered' }, { withinMs: 60_000 });
    expect(await send('order.other')).toBe(202);
    await test.afflux.delivered(AbortSignal.timeout(60_000));
    expect(test.sink.events.map(({ event }) => event.type)).not.toContain('order.other');
  });

  it('a KafkaChannel delivers to its Subscription', { timeout: 120_000 }, async () => {
    const namespace = newNamespace();
    const test = await startWith(['kafka/channel.yaml'], namespace, onServer);
    await ready(test, 'Subscription');
    const url = test.afflux.channelUrl(namespace, 'my-kafka-channel');
    await expect.poll(() => test.send(url, { type: 'order.created' }), SOON).toBe(202);
    await test.received({ path: '/channel' }, { withinMs: 60_000 });
  });

  it('a KafkaSink takes events into its topic', { timeout: 120_000 }, async () => {
    const namespace = newNamespace();
    const test = await startWith(['kafka/sink.yaml'], namespace, (text) =>
      onServer(text).replace('mytopic', `mytopic-${namespace}`),
    );
    const sink = { apiVersion: 'eventing.knative.dev/v1alpha1', kind: 'KafkaSink' };
    const url = async (): Promise<string> => {
      const { status } = await test.afflux.get(sink, namespace, 'my-kafka-sink');
      return (status as { address?: { url?: string } } | undefined)?.address?.url ?? '';
    };
    await expect.poll(url, SOON).not.toBe('');
    const address = await url();
    await expect.poll(() => test.send(address, { type: 'order.created' }), SOON).toBe(202);
  });
});

describe.skipIf(amqp === undefined)('deploy/rabbitmq', () => {
  it('a Broker of class RabbitMQBroker takes and delivers', { timeout: 120_000 }, async () => {
    const namespace = newNamespace();
    const { hostname, port, username, password } = new URL(amqp ?? 'amqp://localhost');
    const test = await startWith(['rabbitmq/broker.yaml'], namespace, (text) =>
      text
        .replace('uri: localhost', `uri: ${hostname}`)
        .replace(/port: ['"]5672['"]/, `port: '${port === '' ? '5672' : port}'`)
        .replace('username: guest', `username: ${decodeURIComponent(username || 'guest')}`)
        .replace('password: guest', `password: ${decodeURIComponent(password || 'guest')}`),
    );
    await ready(test, 'Broker');
    await ready(test, 'Trigger');
    const send = () => test.send(`${namespace}/default`, { type: 'order.created' });
    await expect.poll(send, SOON).toBe(202);
    await test.received({ type: 'order.created', path: '/ping' }, { withinMs: 60_000 });
  });
});
