/** When the way out fails as well: dead letter sinks that are down, refuse, or lead back in. */
import { describe, expect, it } from 'vitest';
import { brokerYaml, channelYaml, subscriptionYaml, triggerYaml } from '../support/manifests.ts';
import { drained, metricOf, post, startAfflux } from '../support/process.ts';
import { failFirst, startSubscriber, UNREACHABLE } from '../support/subscriber.ts';
import { GIVEN_UP_OUTCOME, lacks } from '../support/scenario-channel.ts';

const IDS = Array.from({ length: 20 }, (_, index) => `e-${String(index).padStart(2, '0')}`);

function deliveryTo(sink: string, retry = 0): string {
  return `delivery: { retry: ${String(retry)}, backoffPolicy: linear, backoffDelay: PT0.01S, deadLetterSink: { uri: '${sink}' } }`;
}

describe('dead letter sink down, then up again', () => {
  it('loses nothing of a trigger', async () => {
    const down = await startSubscriber();
    await down.close();
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: UNREACHABLE, spec: deliveryTo(down.url) }),
    );
    for (const id of IDS) {
      expect((await post(afflux.brokerUrl('default', 'main'), { id })).status).toBe(202);
    }
    const up = await startSubscriber(200, down.port);
    await up.received(IDS.length);
    await drained(afflux);
    expect(up.ids.toSorted()).toEqual(IDS);
  });

  it('loses nothing of a subscription', async () => {
    const down = await startSubscriber();
    await down.close();
    const afflux = await startAfflux(
      channelYaml({ name: 'main' }) +
        subscriptionYaml({
          name: 'one',
          channel: 'main',
          uri: UNREACHABLE,
          spec: deliveryTo(down.url),
        }),
    );
    for (const id of IDS) {
      expect((await post(afflux.channelUrl('default', 'main'), { id })).status).toBe(202);
    }
    const up = await startSubscriber(200, down.port);
    await up.received(IDS.length);
    await drained(afflux);
    expect(up.ids.toSorted()).toEqual(IDS);
  });

  it('loses nothing when the sink asks to be left alone', async () => {
    const dead = await startSubscriber((_delivery, count) =>
      count <= 3 ? { status: 503, headers: { 'retry-after': '1' } } : 200,
    );
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: UNREACHABLE, spec: deliveryTo(dead.url) }),
    );
    await post(afflux.brokerUrl('default', 'main'), { id: 'kept' });
    await dead.received(4);
    expect(new Set(dead.ids)).toEqual(new Set(['kept']));
  });

  it.skipIf(lacks('deliversAtClose'))('says on shutdown what it still holds', async () => {
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: UNREACHABLE, spec: deliveryTo(UNREACHABLE) }),
      { shutdownGrace: 200 },
    );
    for (const id of IDS) await post(afflux.brokerUrl('default', 'main'), { id });
    const { left } = await afflux.close();
    expect(left.map(({ events }) => events)).toEqual([IDS.length]);
  });
});

describe('T18 dead letter loops', () => {
  it('T18 a sink that refuses for good is asked a few times, then the event is dropped and counted', async () => {
    const dead = await startSubscriber(400);
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: UNREACHABLE, spec: deliveryTo(dead.url) }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await expect
      .poll(() => metricOf(afflux, 'afflux_delivery_events_total', { outcome: GIVEN_UP_OUTCOME }), {
        timeout: 15_000,
      })
      .toBe(1);
    expect(dead.deliveries).toHaveLength(4);
    // Never dead-lettered to itself: each time the first failure is the one it tells of.
    const reasons = dead.deliveries.map(({ event }) => event.getText('knativeerrordest'));
    expect(new Set(reasons)).toEqual(new Set([UNREACHABLE]));
  });

  it('T18 a broker that is its own dead letter sink stops at the hop limit', async () => {
    const failing = await startSubscriber(400);
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: failing.url,
          spec: `
            delivery:
              retry: 0
              backoffPolicy: linear
              backoffDelay: PT0.01S
              deadLetterSink:
                ref: { apiVersion: eventing.knative.dev/v1, kind: Broker, name: main }
          `,
        }),
    );
    await post(afflux.brokerUrl('default', 'main'), { knativebrokerttl: '6' });
    await failing.received(5);
    // The sixth entry is refused; the dead letter is then dropped after a few refusals.
    await expect
      .poll(() => metricOf(afflux, 'afflux_delivery_events_total', { outcome: GIVEN_UP_OUTCOME }), {
        timeout: 15_000,
      })
      .toBe(1);
    expect(failing.deliveries).toHaveLength(5);
  });

  it('T18 two brokers that are the dead letter sinks of each other stop at the hop limit', async () => {
    const failing = await startSubscriber(400);
    const deadLettersTo = (broker: string) => `
      delivery:
        retry: 0
        backoffPolicy: linear
        backoffDelay: PT0.01S
        deadLetterSink:
          ref: { apiVersion: eventing.knative.dev/v1, kind: Broker, name: ${broker} }
    `;
    const afflux = await startAfflux(
      brokerYaml('ping') +
        brokerYaml('pong') +
        triggerYaml({
          name: 'ping',
          broker: 'ping',
          uri: failing.url,
          spec: deadLettersTo('pong'),
        }) +
        triggerYaml({
          name: 'pong',
          broker: 'pong',
          uri: failing.url,
          spec: deadLettersTo('ping'),
        }),
    );
    await post(afflux.brokerUrl('default', 'ping'), { knativebrokerttl: '6' });
    await failing.received(5);
    await expect
      .poll(() => metricOf(afflux, 'afflux_delivery_events_total', { outcome: GIVEN_UP_OUTCOME }), {
        timeout: 15_000,
      })
      .toBe(1);
    expect(failing.deliveries).toHaveLength(5);
  });
});

describe('dead letters and retries together', () => {
  it('makes one dead letter of an event, however often its subscriber failed', async () => {
    const dead = await startSubscriber();
    const sink = await startSubscriber(failFirst(100));
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: sink.url, spec: deliveryTo(dead.url, 3) }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await dead.received(1);
    await drained(afflux);
    expect([sink.deliveries.length, dead.deliveries.length]).toEqual([4, 1]);
  });

  it('makes a dead letter for each trigger that failed, and none for the others', async () => {
    const dead = await startSubscriber();
    const [good, bad, worse] = await Promise.all([200, 400, 500].map((s) => startSubscriber(s)));
    const triggers = Object.entries({ good, bad, worse }).map(([name, subscriber]) =>
      triggerYaml({ name, uri: subscriber?.url ?? '' }),
    );
    const afflux = await startAfflux(brokerYaml('main', deliveryTo(dead.url)) + triggers.join(''));
    await post(afflux.brokerUrl('default', 'main'));
    await dead.received(2);
    await drained(afflux);
    const destinations = dead.deliveries.map(({ event }) => event.getText('knativeerrordest'));
    expect(destinations.toSorted()).toEqual([bad?.url, worse?.url].toSorted());
  });
});
