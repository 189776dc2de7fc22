/** Flow control by annotation, and what the metrics say of a delivery. */
import { describe, expect, it } from 'vitest';
import type { Afflux } from '@afflux/server';
import { brokerYaml, channelYaml, subscriptionYaml, triggerYaml } from '../support/manifests.ts';
import { drained, metricOf, post, startAfflux } from '../support/process.ts';
import { failFirst, gate, startSubscriber, UNREACHABLE } from '../support/subscriber.ts';
import { GIVEN_UP_OUTCOME } from '../support/scenario-channel.ts';

async function postAll(url: string, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, index) => String(index).padStart(3, '0'));
  for (const id of ids) expect((await post(url, { id })).status).toBe(202);
  return ids;
}

/** Deliveries under way, of one trigger or of everybody. */
function inFlight(afflux: Afflux, trigger?: string): Promise<number> {
  const labels = trigger === undefined ? {} : { subscription: `trigger:${trigger}.default` };
  return metricOf(afflux, 'afflux_subscription_in_flight_events', labels);
}

describe('afflux.dev/max-in-flight', () => {
  const limited = (uri: string, max: number) =>
    triggerYaml({
      name: 'one',
      uri,
      annotations: `afflux.dev/max-in-flight: "${String(max)}"`,
    });

  it('bounds the deliveries under way', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + limited(sink.url, 3));
    const closed = gate();
    sink.answer = closed.answer;
    const ids = await postAll(afflux.brokerUrl('default', 'main'), 20);
    await sink.received(3);
    expect(await inFlight(afflux)).toBe(3);
    closed.open();
    await drained(afflux);
    expect(sink.ids.toSorted()).toEqual(ids);
  });

  it('applies live', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + limited(sink.url, 1));
    const closed = gate();
    sink.answer = closed.answer;
    await postAll(afflux.brokerUrl('default', 'main'), 10);
    await sink.received(1);
    await afflux.apply(limited(sink.url, 5));
    await sink.received(5);
    expect(await inFlight(afflux)).toBe(5);
  });

  it("of a trigger wins over its broker's", async () => {
    const [own, inherited] = [await startSubscriber(), await startSubscriber()];
    const afflux = await startAfflux(
      brokerYaml('main', '', 'afflux.dev/max-in-flight: "2"') +
        limited(own.url, 4) +
        triggerYaml({ name: 'two', uri: inherited.url }),
    );
    const closed = gate();
    own.answer = closed.answer;
    inherited.answer = closed.answer;
    await postAll(afflux.brokerUrl('default', 'main'), 10);
    await Promise.all([own.received(4), inherited.received(2)]);
    expect([await inFlight(afflux, 'one'), await inFlight(afflux, 'two')]).toEqual([4, 2]);
  });

  it('holds for a subscription of a channel, too', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({ name: 'main', annotations: 'afflux.dev/max-in-flight: "2"' }) +
        subscriptionYaml({ name: 'one', channel: 'main', uri: sink.url }),
    );
    sink.answer = gate().answer;
    await postAll(afflux.channelUrl('default', 'main'), 10);
    await sink.received(2);
    expect(await inFlight(afflux)).toBe(2);
  });
});

describe('afflux.dev/delivery-order: ordered', () => {
  const ordered = 'afflux.dev/delivery-order: ordered';

  it('delivers the events of a key one after the other, retries included', async () => {
    const sink = await startSubscriber(failFirst(2));
    const afflux = await startAfflux(
      brokerYaml('main', 'delivery: { retry: 5, backoffPolicy: linear, backoffDelay: PT0.02S }') +
        triggerYaml({ name: 'one', uri: sink.url, annotations: ordered }),
    );
    const url = afflux.brokerUrl('default', 'main');
    for (const id of ['1', '2', '3']) await post(url, { id, partitionkey: 'k' });
    await drained(afflux);
    expect(sink.ids).toEqual(['1', '1', '1', '2', '3']);
  });

  it('does not hold up other keys', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: sink.url, annotations: ordered }),
    );
    const closed = gate();
    sink.answer = (delivery, count, response) =>
      delivery.event.getText('partitionkey') === 'stuck' && typeof closed.answer === 'function'
        ? closed.answer(delivery, count, response)
        : 200;
    const url = afflux.brokerUrl('default', 'main');
    for (const id of ['s-1', 's-2']) await post(url, { id, partitionkey: 'stuck' });
    for (const id of ['f-1', 'f-2']) await post(url, { id, partitionkey: 'fast' });
    await sink.received(3);
    expect(sink.ids.toSorted()).toEqual(['f-1', 'f-2', 's-1']);
    closed.open();
    await drained(afflux);
    expect(sink.ids.filter((id) => id.startsWith('s'))).toEqual(['s-1', 's-2']);
  });
});

describe('afflux.dev/rate', () => {
  it('spreads a burst over time', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({ name: 'one', uri: sink.url, annotations: 'afflux.dev/rate: "20"' }),
    );
    const startedMs = performance.now();
    await postAll(afflux.brokerUrl('default', 'main'), 12);
    const deliveries = await sink.received(12);
    // At 20 per second, with what a tenth of a second saves up: the last one comes half a second later.
    expect((deliveries[11]?.atMs ?? 0) - startedMs).toBeGreaterThanOrEqual(400);
  });
});

describe('TestBrokerConformance · Observability', () => {
  const COUNT = 'kn_eventing_dispatch_duration_seconds_count';

  it("counts each attempt of a broker's trigger by status, under Knative's names", async () => {
    const sink = await startSubscriber(failFirst(1));
    const afflux = await startAfflux(
      brokerYaml('main', 'delivery: { retry: 1, backoffPolicy: linear, backoffDelay: PT0.01S }') +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'), { type: 'order.created' });
    await drained(afflux);
    const labels = {
      kn_broker_name: 'main',
      kn_broker_namespace: 'default',
      messaging_destination_name: 'trigger:one.default',
      cloudevents_type: 'order.created',
    };
    for (const status of ['500', '200']) {
      const ofStatus = { ...labels, http_response_status_code: status };
      expect(await metricOf(afflux, COUNT, ofStatus), status).toBe(1);
    }
  });

  it("counts each attempt of a channel's subscription", async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({ name: 'main' }) +
        subscriptionYaml({ name: 'one', channel: 'main', uri: sink.url }),
    );
    await post(afflux.channelUrl('default', 'main'));
    await drained(afflux);
    const labels = {
      kn_channel_name: 'main',
      kn_channel_namespace: 'default',
      messaging_destination_name: 'subscription:one.default',
    };
    expect(await metricOf(afflux, COUNT, labels)).toBe(1);
  });

  it('shows the depth of a queue while its subscriber hangs', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    sink.answer = gate().answer;
    await postAll(afflux.brokerUrl('default', 'main'), 7);
    const labels = { subscription: 'trigger:one.default' };
    expect(await metricOf(afflux, 'afflux_subscription_queue_events', labels)).toBe(7);
  });

  it('counts what was dropped', async () => {
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'one', uri: UNREACHABLE, spec: 'delivery: { retry: 0 }' }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await drained(afflux);
    const dropped = { outcome: GIVEN_UP_OUTCOME };
    expect(await metricOf(afflux, 'afflux_delivery_events_total', dropped)).toBe(1);
  });
});
