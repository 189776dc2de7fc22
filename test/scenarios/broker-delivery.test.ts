/** What becomes of an event that a trigger's subscriber does not take at once: retries and dead letters. */
import { describe, expect, it } from 'vitest';
import {
  brokerYaml,
  configMapYaml,
  featuresYaml,
  NO_DEFAULT_DELIVERY,
  triggerYaml,
} from '../support/manifests.ts';
import { drained, post, readyOf, seen, startAfflux } from '../support/process.ts';
import { lacks } from '../support/scenario-channel.ts';
import {
  failFirst,
  inTurn,
  replyWith,
  startSubscriber,
  UNREACHABLE,
  type Answer,
  type Delivery,
} from '../support/subscriber.ts';

function deliveryText(fields: Readonly<Record<string, string | number>>, sink?: string): string {
  const lines = Object.entries(fields).map(([name, value]) => `  ${name}: ${String(value)}`);
  if (sink !== undefined) lines.push('  deadLetterSink:', `    uri: ${sink}`);
  return ['delivery:', ...lines].join('\n');
}

/** Waits that a test does not notice. */
const QUICK = { backoffPolicy: 'linear', backoffDelay: 'PT0.01S' } as const;

function textOf(delivery: Delivery | undefined, name: string): string | undefined {
  return delivery?.event.getText(name);
}

describe('Delivery Spec dlq-test-0', () => {
  it('gives an event one attempt and drops it where neither broker nor trigger has a delivery', async () => {
    const sink = await startSubscriber(failFirst(1));
    const afflux = await startAfflux(
      NO_DEFAULT_DELIVERY + brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(1);
  });
});

describe('Delivery Spec dlq-test-1', () => {
  it.each([
    ['is delivered after three failures', 3, 4, 0],
    ['goes to the dead letter sink after the fourth', 4, 4, 1],
  ])("with the broker's retry: 3 an event %s", async (_what, failures, attempts, deadLetters) => {
    const dead = await startSubscriber();
    const sink = await startSubscriber(failFirst(failures));
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 3, ...QUICK }, dead.url)) +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(attempts);
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(attempts);
    expect(dead.deliveries).toHaveLength(deadLetters);
  });
});

describe('Delivery Spec dlq-test-2', () => {
  it("uses the trigger's delivery where the broker has none", async () => {
    const dead = await startSubscriber();
    const retried = await startSubscriber(failFirst(3));
    const dropped = await startSubscriber(failFirst(1));
    const afflux = await startAfflux(
      NO_DEFAULT_DELIVERY +
        brokerYaml() +
        triggerYaml({
          name: 'retried',
          uri: retried.url,
          spec: deliveryText({ retry: 3, ...QUICK }, dead.url),
        }) +
        triggerYaml({ name: 'dropped', uri: dropped.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await retried.received(4);
    await drained(afflux);
    expect([retried, dropped, dead].map(({ deliveries }) => deliveries.length)).toEqual([4, 1, 0]);
  });
});

describe('Delivery Spec dlq-test-3', () => {
  it("lets a trigger's retries replace those of the broker", async () => {
    const dead = await startSubscriber();
    const own = await startSubscriber(failFirst(3));
    const inherited = await startSubscriber(failFirst(3));
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 1, ...QUICK }, dead.url)) +
        triggerYaml({
          name: 'own',
          uri: own.url,
          spec: deliveryText({ retry: 3, ...QUICK }, dead.url),
        }) +
        triggerYaml({ name: 'inherited', uri: inherited.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await own.received(4);
    await drained(afflux);
    expect(own.deliveries).toHaveLength(4);
    expect(inherited.deliveries).toHaveLength(2);
    expect(dead.deliveries.map((letter) => textOf(letter, 'knativeerrordest'))).toEqual([
      inherited.url,
    ]);
  });

  it("replaces the broker's delivery as a whole: what the trigger leaves out is not inherited", async () => {
    const sink = await startSubscriber(500);
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 3, ...QUICK })) +
        triggerYaml({ name: 'own', uri: sink.url, spec: deliveryText({ timeout: 'PT10S' }) }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(1);
  });
});

describe('Delivery Spec dlq-test-4', () => {
  it("sends dead letters to the trigger's sink rather than the broker's", async () => {
    const [ownSink, brokerSink] = [await startSubscriber(), await startSubscriber()];
    const subscriber = await startSubscriber(400);
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 0 }, brokerSink.url)) +
        triggerYaml({
          name: 'own',
          uri: subscriber.url,
          spec: deliveryText({ retry: 0 }, ownSink.url),
        }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await ownSink.received(1);
    await drained(afflux);
    expect(brokerSink.deliveries).toHaveLength(0);
  });

  it("falls back to the broker's sink where the trigger's delivery names none", async () => {
    const brokerSink = await startSubscriber();
    const subscriber = await startSubscriber(500);
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 5 }, brokerSink.url)) +
        triggerYaml({ name: 'own', uri: subscriber.url, spec: deliveryText({ retry: 0 }) }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await brokerSink.received(1);
    expect(subscriber.deliveries).toHaveLength(1);
  });
});

describe('TestBrokerDefaultDelivery', () => {
  it('gives a broker the delivery of config-br-defaults', async () => {
    const dead = await startSubscriber();
    const sink = await startSubscriber(500);
    const afflux = await startAfflux(
      configMapYaml(
        'config-br-defaults',
        'default-br-config',
        `
        clusterDefault:
          brokerClass: MTChannelBasedBroker
          apiVersion: v1
          kind: ConfigMap
          name: config-br-default-channel
          namespace: knative-eventing
          delivery:
            retry: 2
            backoffPolicy: linear
            backoffDelay: PT0.01S
            deadLetterSink:
              uri: ${dead.url}
        `,
      ) +
        brokerYaml() +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await dead.received(1);
    expect(sink.deliveries).toHaveLength(3);
  });

  it('ships ten retries, exponential from 0.2 s', async () => {
    const afflux = await startAfflux(brokerYaml());
    expect((await seen(afflux, 'Broker', 'main')).spec['delivery']).toEqual({
      retry: 10,
      backoffPolicy: 'exponential',
      backoffDelay: 'PT0.2S',
    });
  });
});

describe('TestBrokerPreferHeaderCheck', () => {
  it('tells the subscriber of a trigger that it may reply, and in which namespace', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    await post(afflux.brokerUrl('default', 'main'));
    const [delivery] = await sink.received(1);
    expect(delivery?.headers).toMatchObject({ prefer: 'reply', 'kn-namespace': 'default' });
  });
});

describe('TestBrokerAsMiddleware', () => {
  it('carries an event from producer to subscriber', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    await post(afflux.brokerUrl('default', 'main'), { id: 'a' }, 'payload');
    await sink.received(1);
    expect([sink.ids, sink.texts]).toEqual([['a'], ['payload']]);
  });
});

describe('TestBrokerWithDLQ', () => {
  it('hands what the subscriber refuses to the dead letter sink', async () => {
    const dead = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 0 }, dead.url)) +
        triggerYaml({ name: 'one', uri: UNREACHABLE }),
    );
    await post(afflux.brokerUrl('default', 'main'), { id: 'a', type: 'x.y' }, 'payload');
    const [letter] = await dead.received(1);
    expect(letter?.event).toMatchObject({ id: 'a', type: 'x.y', source: '/test' });
    expect(dead.texts).toEqual(['payload']);
  });
});

describe('TestBrokerWithFlakyDLQ', () => {
  it('gets every failed event to a dead letter sink that fails some of the time', async () => {
    const dead = await startSubscriber((_delivery, count) => (count % 2 === 1 ? 500 : 200));
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 1, ...QUICK }, dead.url)) +
        triggerYaml({ name: 'one', uri: UNREACHABLE }),
    );
    const ids = Array.from({ length: 10 }, (_, index) => `e-${String(index)}`);
    for (const id of ids) await post(afflux.brokerUrl('default', 'main'), { id });
    await expect.poll(() => new Set(dead.ids)).toEqual(new Set(ids));
    await drained(afflux);
  });
});

describe('TestBrokerRedelivery', () => {
  /** Fails the first, second, third, fifth, eighth … request. */
  const fibonacci: Answer = (_delivery, count) =>
    [1, 2, 3, 5, 8, 13, 21, 34, 55].includes(count) ? 503 : 200;

  it.each([
    ['fail in a Fibonacci pattern', fibonacci],
    ['fail the first five times', failFirst(5)],
  ])('delivers every event to subscribers that %s', async (_what, answer) => {
    const sink = await startSubscriber(answer);
    const delivered: string[] = [];
    sink.answer = (delivery, count, response) => {
      const status = typeof answer === 'function' ? answer(delivery, count, response) : answer;
      if (status === 200) delivered.push(delivery.event.id);
      return status;
    };
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 10, ...QUICK })) +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) await post(afflux.brokerUrl('default', 'main'), { id });
    await expect.poll(() => delivered.toSorted()).toEqual(ids);
  });
});

describe('TestBrokerDeadLetterSinkExtensions', () => {
  async function deadLetterOf(uri: string): Promise<Delivery | undefined> {
    const dead = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 0 }, dead.url)) + triggerYaml({ name: 'one', uri }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    const [letter] = await dead.received(1);
    return letter;
  }

  it('names the address that cannot be reached', async () => {
    const letter = await deadLetterOf(UNREACHABLE);
    expect(textOf(letter, 'knativeerrordest')).toBe(UNREACHABLE);
    expect(textOf(letter, 'knativeerrorcode')).toBe('500');
  });

  it('names address and status of an answer without a body', async () => {
    const subscriber = await startSubscriber(422);
    const letter = await deadLetterOf(subscriber.url);
    expect(textOf(letter, 'knativeerrordest')).toBe(subscriber.url);
    expect(textOf(letter, 'knativeerrorcode')).toBe('422');
  });

  it('carries the body of the answer in base64', async () => {
    const body = '{"message": "catastrophic failure"}';
    const subscriber = await startSubscriber({
      status: 422,
      headers: { 'content-type': 'application/json' },
      body,
    });
    const letter = await deadLetterOf(subscriber.url);
    expect(textOf(letter, 'knativeerrordata')).toBe(Buffer.from(body).toString('base64'));
  });

  it('cuts a long body so that its base64 has 1024 characters', async () => {
    const body = 'x'.repeat(5000);
    const subscriber = await startSubscriber({ status: 422, body });
    const letter = await deadLetterOf(subscriber.url);
    const data = textOf(letter, 'knativeerrordata') ?? '';
    expect(data).toHaveLength(1024);
    expect(body.startsWith(Buffer.from(data, 'base64').toString())).toBe(true);
  });

  it('keeps the hop count and the time of arrival on a dead letter', async () => {
    const letter = await deadLetterOf(UNREACHABLE);
    expect(textOf(letter, 'knativebrokerttl')).toBe('255');
    expect(textOf(letter, 'knativearrivaltime')).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('asks the dead letter sink for no reply', async () => {
    const letter = await deadLetterOf(UNREACHABLE);
    expect(letter?.headers['prefer']).toBeUndefined();
  });
});

describe('TestBrokerDeliverLongMessage', () => {
  it.skipIf(lacks('largeEvents'))('delivers an event of 2 MiB once and whole', async () => {
    const data = Buffer.alloc(2 * 1024 * 1024, 'afflux');
    const sink = await startSubscriber();
    const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }));
    expect((await post(afflux.brokerUrl('default', 'main'), {}, data)).status).toBe(202);
    await sink.received(1);
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(1);
    expect(sink.deliveries[0]?.event.data?.equals(data)).toBe(true);
  });
});

describe('TestBrokerDeliverLongResponseMessage', () => {
  it.skipIf(lacks('largeEvents'))('delivers a reply of 2 MiB once and whole', async () => {
    const text = 'afflux'.repeat(350_000);
    const replier = await startSubscriber(replyWith('long.reply', text));
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'replier',
          uri: replier.url,
          spec: 'filters: [{ exact: { type: test.event } }]',
        }) +
        triggerYaml({
          name: 'sink',
          uri: sink.url,
          spec: 'filters: [{ exact: { type: long.reply } }]',
        }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(1);
    await drained(afflux);
    expect(sink.texts).toEqual([text]);
  });
});

describe('TestBrokerWithDeliveryTimeout', () => {
  it('is Ready with a timeout in its delivery', async () => {
    const afflux = await startAfflux(brokerYaml('main', deliveryText({ timeout: 'PT1S' })));
    expect(await readyOf(afflux, 'Broker', 'main')).toMatchObject({ ready: 'True' });
  });
});

describe('TestDeliveryTimeout', () => {
  it('dead-letters an event whose subscriber takes longer than the timeout', async () => {
    const dead = await startSubscriber();
    const slow = await startSubscriber(() => undefined);
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 0, timeout: 'PT0.2S' }, dead.url)) +
        triggerYaml({ name: 'one', uri: slow.url }),
    );
    await post(afflux.brokerUrl('default', 'main'), { id: 'late' });
    await dead.received(1);
    expect(dead.ids).toEqual(['late']);
  });
});

describe('TestRetryAfter', () => {
  it.each([429, 503])('waits at least as long as Retry-After of %i says', async (status) => {
    const sink = await startSubscriber(inTurn({ status, headers: { 'retry-after': '1' } }, 200));
    const afflux = await startAfflux(
      featuresYaml({ 'delivery-retryafter': 'Enabled' }) +
        brokerYaml('main', deliveryText({ retry: 1, retryAfterMax: 'PT5S', ...QUICK })) +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    const [first, second] = await sink.received(2);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('waits no longer than retryAfterMax', async () => {
    const sink = await startSubscriber(
      inTurn({ status: 429, headers: { 'retry-after': '3600' } }, 200),
    );
    const afflux = await startAfflux(
      featuresYaml({ 'delivery-retryafter': 'Enabled' }) +
        brokerYaml('main', deliveryText({ retry: 1, retryAfterMax: 'PT0.2S', ...QUICK })) +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(2);
  });

  it('ignores the header with retryAfterMax: PT0S', async () => {
    const sink = await startSubscriber(
      inTurn({ status: 503, headers: { 'retry-after': '3600' } }, 200),
    );
    const afflux = await startAfflux(
      featuresYaml({ 'delivery-retryafter': 'Enabled' }) +
        brokerYaml('main', deliveryText({ retry: 1, retryAfterMax: 'PT0S', ...QUICK })) +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    await sink.received(2);
  });

  it('takes retryAfterMax only with the feature delivery-retryafter', async () => {
    const afflux = await startAfflux('');
    await expect(
      afflux.apply(brokerYaml('main', deliveryText({ retryAfterMax: 'PT1S' }))),
    ).rejects.toThrow('must not set the field(s)');
  });
});

describe('backoffPolicy', () => {
  function gapsMs(deliveries: readonly Delivery[]): readonly number[] {
    return deliveries
      .slice(1)
      .map(({ atMs }, index) => atMs - (deliveries[index]?.atMs ?? Number.NaN));
  }

  it.each([
    ['linear', [0.1, 0.2, 0.3]],
    ['exponential', [0.1, 0.2, 0.4]],
  ])('%s waits at least %j s between attempts', async (backoffPolicy, least) => {
    const sink = await startSubscriber(failFirst(3));
    const afflux = await startAfflux(
      brokerYaml('main', deliveryText({ retry: 3, backoffPolicy, backoffDelay: 'PT0.1S' })) +
        triggerYaml({ name: 'one', uri: sink.url }),
    );
    await post(afflux.brokerUrl('default', 'main'));
    const gaps = gapsMs(await sink.received(4));
    // Jitter takes at most a tenth off.
    expect(gaps.map((gap, index) => gap >= (least[index] ?? 0) * 890)).toEqual([true, true, true]);
  });
});
