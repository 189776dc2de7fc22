/** EventTypes, by hand and made by themselves (feature eventtype-auto-create). */
import { describe, expect, it } from 'vitest';
import type { Afflux } from '@afflux/server';
import {
  brokerYaml,
  channelYaml,
  featuresYaml,
  subscriptionYaml,
  triggerYaml,
} from '../support/manifests.ts';
import { kindOf, post, readyOf, seen, startAfflux, type SeenObject } from '../support/process.ts';
import { replyWith, startSubscriber } from '../support/subscriber.ts';
import { createHash } from 'node:crypto';

const AUTO_CREATE = featuresYaml({ 'eventtype-auto-create': 'Enabled' });

interface Emitter {
  readonly kind: string;
  readonly name: string;
}

/** Contract §2.8: `et-<addressable name>-<md5 of type, source, namespace and name>`. */
function nameOf(emitter: Emitter, type: string, source: string): string {
  const hash = createHash('md5').update(`${type}${source}default${emitter.name}`).digest('hex');
  return `et-${emitter.name}-${hash}`;
}

async function eventTypeOf(
  afflux: Afflux,
  emitter: Emitter,
  type: string,
  source = '/test',
): Promise<SeenObject> {
  const name = nameOf(emitter, type, source);
  const find = () => seen(afflux, 'EventType', name).catch(() => undefined);
  await expect.poll(find).toBeDefined();
  return seen(afflux, 'EventType', name);
}

describe('EventType auto-create', () => {
  it('makes one for what a Broker takes, with the attributes of the event', async () => {
    const afflux = await startAfflux(AUTO_CREATE + brokerYaml());
    await post(afflux.brokerUrl('default', 'main'), { type: 'order.created' });
    const { spec } = await eventTypeOf(afflux, { kind: 'Broker', name: 'main' }, 'order.created');
    expect(spec).toMatchObject({
      reference: { ...kindOf('Broker'), namespace: 'default', name: 'main' },
      attributes: expect.arrayContaining([
        { name: 'type', required: true, value: 'order.created' },
        { name: 'source', required: true, value: '/test' },
        { name: 'specversion', required: true, value: '1.0' },
        { name: 'id', required: true },
      ]) as unknown,
    });
  });

  it('makes one for the reply to a Trigger', async () => {
    const replier = await startSubscriber(replyWith('order.confirmed'));
    const afflux = await startAfflux(
      AUTO_CREATE +
        brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: replier.url,
          spec: 'filters: [{ exact: { type: order.created } }]',
        }),
    );
    await post(afflux.brokerUrl('default', 'main'), { type: 'order.created' });
    // The reply enters the broker, so that the broker emits its type.
    await eventTypeOf(afflux, { kind: 'Broker', name: 'main' }, 'order.confirmed', '/subscriber');
  });

  it('makes one for what an InMemoryChannel takes', async () => {
    const afflux = await startAfflux(AUTO_CREATE + channelYaml({ name: 'main' }));
    await post(afflux.channelUrl('default', 'main'), { type: 'order.created' });
    await eventTypeOf(afflux, { kind: 'InMemoryChannel', name: 'main' }, 'order.created');
  });

  it('makes one for the reply to a Subscription, at the channel that takes the reply', async () => {
    const replier = await startSubscriber(replyWith('order.confirmed'));
    const afflux = await startAfflux(
      AUTO_CREATE +
        channelYaml({ name: 'in' }) +
        channelYaml({ name: 'out' }) +
        subscriptionYaml({
          name: 'one',
          channel: 'in',
          uri: replier.url,
          spec: `
            reply:
              ref: { apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel, name: out }
          `,
        }),
    );
    await post(afflux.channelUrl('default', 'in'), { type: 'order.created' });
    await eventTypeOf(
      afflux,
      { kind: 'InMemoryChannel', name: 'out' },
      'order.confirmed',
      '/subscriber',
    );
  });

  it('makes none as shipped, and begins when the flag is switched on', async () => {
    const afflux = await startAfflux(brokerYaml());
    const url = afflux.brokerUrl('default', 'main');
    await post(url, { type: 'before' });
    await afflux.apply(AUTO_CREATE);
    await post(url, { type: 'after' });
    await eventTypeOf(afflux, { kind: 'Broker', name: 'main' }, 'after');
    const name = nameOf({ kind: 'Broker', name: 'main' }, 'before', '/test');
    await expect(seen(afflux, 'EventType', name)).rejects.toThrow('not found');
  });

  it('removes them together with their Broker', async () => {
    const afflux = await startAfflux(AUTO_CREATE + brokerYaml());
    await post(afflux.brokerUrl('default', 'main'), { type: 'order.created' });
    const { metadata } = await eventTypeOf(
      afflux,
      { kind: 'Broker', name: 'main' },
      'order.created',
    );
    await afflux.remove({ ...kindOf('Broker'), namespace: 'default', name: 'main' });
    await expect
      .poll(() =>
        seen(afflux, 'EventType', metadata.name).then(
          () => 'there',
          () => 'gone',
        ),
      )
      .toBe('gone');
  });
});

describe('TestSmoke EventType', () => {
  const eventType = (reference: string) => `
apiVersion: eventing.knative.dev/v1beta3
kind: EventType
metadata: { name: smoke, namespace: default }
spec:
  ${reference}
  attributes:
    - { name: type, required: true, value: order.created }
    - { name: source, required: true, value: /shop }
    - { name: specversion, required: true, value: '1.0' }
    - { name: id, required: true }
---`;
  const toBroker = 'reference: { apiVersion: eventing.knative.dev/v1, kind: Broker, name: main }';

  async function conditionsOf(afflux: Afflux): Promise<Readonly<Record<string, unknown>>> {
    await afflux.settled();
    const { conditions = [] } = (await seen(afflux, 'EventType', 'smoke')).status;
    return Object.fromEntries(
      conditions.map(({ type, status, reason }) => [type, [status, reason]]),
    );
  }

  it('becomes Ready with its reference', async () => {
    const afflux = await startAfflux(eventType(toBroker));
    expect(await conditionsOf(afflux)).toMatchObject({
      ReferenceExists: ['False', 'ResourceDoesNotExist'],
    });
    await afflux.apply(brokerYaml());
    expect(await readyOf(afflux, 'Broker', 'main')).toMatchObject({ ready: 'True' });
    await expect.poll(() => conditionsOf(afflux)).toMatchObject({ Ready: ['True', undefined] });
  });

  it('is Ready without a reference', async () => {
    const afflux = await startAfflux(eventType(''));
    expect(await conditionsOf(afflux)).toMatchObject({
      ReferenceExists: ['True', 'ReferenceNotSet'],
      Ready: ['True', undefined],
    });
  });
});
