/** Changes while events flow: triggers changed and removed, the process closed, a thousand objects at once. */
import { describe, expect, it } from 'vitest';
import type { Afflux } from '@afflux/server';
import { brokerYaml, channelYaml, subscriptionYaml, triggerYaml } from '../support/manifests.ts';
import { drained, metricOf, post, startAfflux } from '../support/process.ts';
import {
  failFirst,
  gate,
  replyWith,
  startSubscriber,
  UNREACHABLE,
  type Answer,
} from '../support/subscriber.ts';
import { lacks } from '../support/scenario-channel.ts';

const TRIGGER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Trigger' } as const;

/** Producers that post one event after the other until they are told to stop. */
interface Load {
  /** Ids of the events that were accepted so far. */
  readonly accepted: readonly string[];
  /** Resolves when this many more have been accepted. */
  advance(count: number): Promise<void>;
  /** Resolves when no request is under way any more. */
  stop(): Promise<void>;
}

function startLoad(url: string, producers = 8): Load {
  const accepted: string[] = [];
  const stopping = new AbortController();
  let next = 0;
  const produce = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const id = `load-${String(next++)}`;
      try {
        const { status } = await post(url, { id, type: 'load' });
        if (status === 202) accepted.push(id);
      } catch {
        // Refused by a port that is closing: not accepted.
        return;
      }
    }
  };
  const running = Array.from({ length: producers }, produce);
  return {
    accepted,
    advance: async (count) => {
      const goal = accepted.length + count;
      await expect.poll(() => accepted.length, { interval: 5 }).toBeGreaterThanOrEqual(goal);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

function brokerUrl(afflux: Afflux): string {
  return afflux.brokerUrl('default', 'main');
}

describe('a trigger changed under load', () => {
  it('delivers to the new subscriber only what comes after, and loses nothing on the way', async () => {
    const [before, after, other] = await Promise.all(
      [200, 200, 200].map((s) => startSubscriber(s)),
    );
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({ name: 'one', uri: before?.url ?? '' }) +
        triggerYaml({ name: 'other', uri: other?.url ?? '' }),
    );
    const load = startLoad(brokerUrl(afflux));
    await load.advance(100);
    await afflux.apply(triggerYaml({ name: 'one', uri: after?.url ?? '' }));
    await post(brokerUrl(afflux), { id: 'marker' });
    await load.advance(100);
    await load.stop();
    await drained(afflux);
    const all = [...load.accepted, 'marker'].toSorted();
    expect([...(before?.ids ?? []), ...(after?.ids ?? [])].toSorted()).toEqual(all);
    expect(other?.ids.toSorted()).toEqual(all);
    expect(after?.ids).toContain('marker');
  });

  it('applies a new filter to every event that comes after the change', async () => {
    const [one, other] = [await startSubscriber(), await startSubscriber()];
    const filtered = (type: string) =>
      triggerYaml({ name: 'one', uri: one.url, spec: `filters: [{ exact: { type: ${type} } }]` });
    const afflux = await startAfflux(
      brokerYaml() + filtered('load') + triggerYaml({ name: 'other', uri: other.url }),
    );
    const load = startLoad(brokerUrl(afflux));
    await load.advance(100);
    await afflux.apply(filtered('nothing'));
    await load.stop();
    const acceptedByThen = new Set(load.accepted);
    for (let index = 0; index < 20; index += 1) {
      await post(brokerUrl(afflux), { id: `after-${String(index)}`, type: 'load' });
    }
    await drained(afflux);
    expect(one.ids.filter((id) => !acceptedByThen.has(id))).toEqual([]);
    expect(other.ids).toHaveLength(load.accepted.length + 20);
  });

  it('keeps its backlog when its retries are changed', async () => {
    const sink = await startSubscriber();
    const trigger = (retry: number) =>
      triggerYaml({ name: 'one', uri: sink.url, spec: `delivery: { retry: ${String(retry)} }` });
    const afflux = await startAfflux(brokerYaml() + trigger(1));
    const closed = gate();
    sink.answer = closed.answer;
    const ids = Array.from({ length: 200 }, (_, index) => String(index));
    for (const id of ids) await post(brokerUrl(afflux), { id });
    await afflux.apply(trigger(2));
    closed.open();
    await drained(afflux);
    expect(sink.ids.toSorted()).toEqual(ids.toSorted());
  });
});

describe('a trigger removed under load', () => {
  it('delivers nothing to it afterwards; the others get everything', async () => {
    const [gone, other] = [await startSubscriber(), await startSubscriber()];
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({ name: 'gone', uri: gone.url }) +
        triggerYaml({ name: 'other', uri: other.url }),
    );
    const load = startLoad(brokerUrl(afflux));
    await load.advance(100);
    await afflux.remove({ ...TRIGGER, namespace: 'default', name: 'gone' });
    const acceptedByThen = new Set(load.accepted);
    // Requests that were on their way may have been accepted before the removal.
    await load.advance(50);
    await load.stop();
    for (let index = 0; index < 20; index += 1) {
      await post(brokerUrl(afflux), { id: `after-${String(index)}` });
    }
    await drained(afflux);
    expect(gone.ids.filter((id) => id.startsWith('after-'))).toEqual([]);
    expect(gone.deliveries.length).toBeLessThanOrEqual(acceptedByThen.size + 8);
    expect(other.deliveries).toHaveLength(load.accepted.length + 20);
  });

  it('finishes what is in flight and gives up what is queued', async () => {
    const [gone, other] = [await startSubscriber(), await startSubscriber()];
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'gone',
          uri: gone.url,
          annotations: 'afflux.dev/max-in-flight: "4"',
        }) +
        triggerYaml({ name: 'other', uri: other.url }),
    );
    const closed = gate();
    gone.answer = closed.answer;
    for (let index = 0; index < 50; index += 1)
      await post(brokerUrl(afflux), { id: String(index) });
    await gone.received(4);
    await afflux.remove({ ...TRIGGER, namespace: 'default', name: 'gone' });
    closed.open();
    await drained(afflux);
    expect([gone.deliveries.length, other.deliveries.length]).toEqual([4, 50]);
  });

  it('does not try again what failed before the removal', async () => {
    const gone = await startSubscriber(failFirst(100));
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'gone',
          uri: gone.url,
          spec: 'delivery: { retry: 100, backoffPolicy: linear, backoffDelay: PT0.2S }',
        }),
    );
    await post(brokerUrl(afflux));
    await gone.received(1);
    await afflux.remove({ ...TRIGGER, namespace: 'default', name: 'gone' });
    const attempts = gone.deliveries.length;
    await drained(afflux);
    expect(gone.deliveries).toHaveLength(attempts);
  });

  it('starts anew when it is applied again under its name', async () => {
    const sink = await startSubscriber();
    const trigger = triggerYaml({ name: 'one', uri: sink.url });
    const afflux = await startAfflux(brokerYaml() + trigger);
    await afflux.remove({ ...TRIGGER, namespace: 'default', name: 'one' });
    await afflux.apply(trigger);
    await post(brokerUrl(afflux), { id: 'again' });
    await sink.received(1);
    expect(sink.ids).toEqual(['again']);
  });
});

describe.skipIf(lacks('deliversAtClose'))('close() under load', () => {
  it('delivers everything that was accepted', async () => {
    const sinks = await Promise.all([200, 200, 200].map((s) => startSubscriber(s)));
    const afflux = await startAfflux(
      brokerYaml() +
        sinks
          .map((sink, index) => triggerYaml({ name: `t-${String(index)}`, uri: sink.url }))
          .join(''),
    );
    const load = startLoad(brokerUrl(afflux));
    await load.advance(200);
    const closing = afflux.close();
    await load.stop();
    expect(await closing).toEqual({ left: [], kept: [] });
    const accepted = load.accepted.toSorted();
    for (const sink of sinks) expect(sink.ids.toSorted()).toEqual(accepted);
  });

  it('reports as left what a hanging subscriber did not take', async () => {
    const [stuck, good] = [await startSubscriber(() => undefined), await startSubscriber()];
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({ name: 'stuck', uri: stuck.url }) +
        triggerYaml({ name: 'good', uri: good.url }),
      { shutdownGrace: 500 },
    );
    const load = startLoad(brokerUrl(afflux));
    await load.advance(200);
    const closing = afflux.close();
    await load.stop();
    const { left } = await closing;
    expect(left.map(({ events }) => events)).toEqual([load.accepted.length]);
    expect(left[0]?.subscription).toMatch(/^default\/main-kne-trigger\//);
    expect(good.ids.toSorted()).toEqual(load.accepted.toSorted());
  });

  it('delivers replies of accepted events as well', async () => {
    const replier = await startSubscriber(replyWith('reply'));
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'replier',
          uri: replier.url,
          spec: 'filters: [{ exact: { type: load } }]',
        }) +
        triggerYaml({ name: 'sink', uri: sink.url, spec: 'filters: [{ exact: { type: reply } }]' }),
    );
    const load = startLoad(brokerUrl(afflux));
    await load.advance(100);
    const closing = afflux.close();
    await load.stop();
    expect(await closing).toEqual({ left: [], kept: [] });
    expect(sink.ids.toSorted()).toEqual(load.accepted.map((id) => `reply-${id}`).toSorted());
  });

  it('waits for retries that fall into the grace period', async () => {
    const sink = await startSubscriber(failFirst(3));
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: sink.url,
          spec: 'delivery: { retry: 3, backoffPolicy: linear, backoffDelay: PT0.1S }',
        }),
    );
    await post(brokerUrl(afflux));
    expect(await afflux.close()).toEqual({ left: [], kept: [] });
    expect(sink.deliveries).toHaveLength(4);
  });

  it('is idempotent and takes nothing afterwards', async () => {
    const afflux = await startAfflux(brokerYaml());
    const url = brokerUrl(afflux);
    const [first, second] = await Promise.all([afflux.close(), afflux.close()]);
    expect(first).toBe(second);
    await expect(post(url)).rejects.toThrow('ECONNREFUSED');
  });
});

describe.skipIf(lacks('cheapSubscriptions'))('1,000 objects applied at once', () => {
  it('are all Ready', async () => {
    let yaml = '';
    for (let index = 0; index < 100; index += 1) yaml += brokerYaml(`b-${String(index)}`);
    for (let index = 0; index < 900; index += 1) {
      yaml += triggerYaml({
        name: `t-${String(index)}`,
        broker: `b-${String(index % 100)}`,
        uri: UNREACHABLE,
        spec: `filters: [{ exact: { type: type.${String(index)} } }]`,
      });
    }
    const afflux = await startAfflux(yaml);
    const ready = afflux
      .objects()
      .filter(({ kind, ready }) => (kind === 'Broker' || kind === 'Trigger') && ready === 'True');
    expect(ready).toHaveLength(1_000);
  });

  it('deliver: the last trigger of them gets its event', async () => {
    const sink = await startSubscriber();
    let yaml = brokerYaml();
    for (let index = 0; index < 999; index += 1) {
      yaml += triggerYaml({
        name: `t-${String(index)}`,
        uri: `${sink.url}${String(index)}`,
        spec: `filters: [{ exact: { type: type.${String(index)} } }]`,
      });
    }
    const afflux = await startAfflux(yaml);
    await post(brokerUrl(afflux), { type: 'type.998' });
    await drained(afflux);
    expect(sink.deliveries.map(({ path }) => path)).toEqual(['/998']);
  });
});

describe('T17 event loops', () => {
  /** A trigger without a filter whose subscriber replies to everything. */
  async function startLoop(attributes: Readonly<Record<string, string>>): Promise<number> {
    const subscriber = await startSubscriber(replyWith('again'));
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'loop', uri: subscriber.url }),
    );
    await post(brokerUrl(afflux), attributes);
    await expect
      .poll(() => metricOf(afflux, 'afflux_broker_hop_limit_total'), { timeout: 15_000 })
      .toBe(1);
    await drained(afflux);
    return subscriber.deliveries.length;
  }

  it('T17 a trigger that replies to itself stops at the hop limit of 255', async () => {
    expect(await startLoop({})).toBe(255);
  });

  it('T17 a producer can lower the limit', async () => {
    expect(await startLoop({ knativebrokerttl: '4' })).toBe(3);
  });

  it('T17 neither a producer nor a subscriber can raise it', { timeout: 90_000 }, async () => {
    const raising: Answer = replyWith('again', 'x', { 'ce-knativebrokerttl': '100000' });
    const subscriber = await startSubscriber(raising);
    const afflux = await startAfflux(
      brokerYaml() + triggerYaml({ name: 'loop', uri: subscriber.url }),
    );
    await post(brokerUrl(afflux), { knativebrokerttl: '100000' });
    await expect
      .poll(() => metricOf(afflux, 'afflux_broker_hop_limit_total'), { timeout: 60_000 })
      .toBe(1);
    expect(subscriber.deliveries).toHaveLength(255);
  });

  it('T17 an event that is out of hops when it arrives is refused with 400', async () => {
    const afflux = await startAfflux(brokerYaml());
    expect((await post(brokerUrl(afflux), { knativebrokerttl: '1' })).status).toBe(400);
  });

  const toBroker = (name: string) =>
    `subscriber: { ref: { apiVersion: eventing.knative.dev/v1, kind: Broker, name: ${name} } }`;

  it.each([
    ['its own broker', triggerYaml({ name: 'loop', spec: toBroker('main') }), 255],
    [
      'two brokers',
      brokerYaml('pong') +
        triggerYaml({ name: 'ping', spec: toBroker('pong') }) +
        triggerYaml({ name: 'pong', broker: 'pong', spec: toBroker('main') }),
      128,
    ],
    [
      'a channel back to the broker',
      channelYaml({ name: 'back' }) +
        subscriptionYaml({ name: 'back', channel: 'back', spec: toBroker('main') }) +
        triggerYaml({
          name: 'loop',
          spec: `
            subscriber:
              ref: { apiVersion: messaging.knative.dev/v1, kind: InMemoryChannel, name: back }
          `,
        }),
      255,
    ],
  ])('T17 a loop through %s stops as well', async (_what, yaml, rounds) => {
    const counter = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() + yaml + triggerYaml({ name: 'count', uri: counter.url }),
    );
    await post(brokerUrl(afflux));
    await expect
      .poll(() => metricOf(afflux, 'afflux_broker_hop_limit_total'), { timeout: 15_000 })
      .toBe(1);
    await drained(afflux);
    expect(counter.deliveries).toHaveLength(rounds);
  });
});
