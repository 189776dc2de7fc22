/** More than can be taken: full queues, large bodies, one tenant beside another, a sink that is down for long. */
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Afflux } from '@afflux/server';
import { brokerYaml, channelYaml, subscriptionYaml, triggerYaml } from '../support/manifests.ts';
import { drained, metricOf, post, postJson, startAfflux, type Posted } from '../support/process.ts';
import {
  gate,
  replyWith,
  startSubscriber,
  type Gate,
  type Subscriber,
} from '../support/subscriber.ts';
import { lacks } from '../support/scenario-channel.ts';

const FULL_AT = 5;

interface World {
  readonly afflux: Afflux;
  readonly url: string;
  readonly stuck: Subscriber;
  readonly stuckGate: Gate;
  readonly other: Subscriber;
  readonly dead: Subscriber;
}

/**
 * Two triggers: `stuck` wants type a, its queue holds five events and its subscriber hangs; `other` wants
 * types a and b.
 */
async function startFull(overflow: string, hasSink = true): Promise<World> {
  const [stuck, other, dead] = [
    await startSubscriber(),
    await startSubscriber(),
    await startSubscriber(),
  ];
  const sink = hasSink ? `deadLetterSink: { uri: '${dead.url}' }` : '';
  const afflux = await startAfflux(
    brokerYaml() +
      triggerYaml({
        name: 'stuck',
        uri: stuck.url,
        annotations: `
          afflux.dev/queue-events: "${String(FULL_AT)}"
          afflux.dev/overflow: ${overflow}
        `,
        spec: `filters: [{ exact: { type: a } }]\ndelivery: { retry: 0, ${sink} }`,
      }) +
      triggerYaml({
        name: 'other',
        uri: other.url,
        spec: 'filters: [{ any: [{ exact: { type: a } }, { exact: { type: b } }] }]',
      }),
  );
  const stuckGate = gate();
  stuck.answer = stuckGate.answer;
  return { afflux, url: afflux.brokerUrl('default', 'main'), stuck, stuckGate, other, dead };
}

async function fill(url: string): Promise<void> {
  for (let index = 0; index < FULL_AT; index += 1) {
    expect((await post(url, { type: 'a', id: `fits-${String(index)}` })).status).toBe(202);
  }
}

function expectRefused(answer: Posted): void {
  expect(answer.status).toBe(429);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
}

describe.skipIf(lacks('boundedQueues'))('queue full, overflow: backpressure', () => {
  it('refuses the event with 429 and Retry-After', async () => {
    const { url } = await startFull('backpressure');
    await fill(url);
    expectRefused(await post(url, { type: 'a' }));
  });

  it('refuses for all or none: no other trigger gets the refused event', async () => {
    const { afflux, url, stuckGate, other } = await startFull('backpressure');
    await fill(url);
    await post(url, { type: 'a', id: 'refused' });
    stuckGate.open();
    await drained(afflux);
    expect(other.ids).not.toContain('refused');
  });

  it('leaves events that match other triggers only alone', async () => {
    const { url, other } = await startFull('backpressure');
    await fill(url);
    expect((await post(url, { type: 'b', id: 'passes' })).status).toBe(202);
    await expect.poll(() => other.ids).toContain('passes');
  });

  it('takes events again when the subscriber does, and has lost none', async () => {
    const { afflux, url, stuck, stuckGate } = await startFull('backpressure');
    await fill(url);
    expectRefused(await post(url, { type: 'a', id: 'late' }));
    stuckGate.open();
    await expect.poll(async () => (await post(url, { type: 'a', id: 'late' })).status).toBe(202);
    await drained(afflux);
    const fitting = Array.from({ length: FULL_AT }, (_, index) => `fits-${String(index)}`);
    expect(stuck.ids.toSorted()).toEqual([...fitting, 'late']);
  });

  it('counts bytes as well as events', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: sink.url,
          annotations: 'afflux.dev/queue-bytes: 64KiB',
        }),
    );
    sink.answer = gate().answer;
    const half = Buffer.alloc(30 * 1024);
    const statuses: number[] = [];
    for (let index = 0; index < 3; index += 1) {
      statuses.push((await post(afflux.brokerUrl('default', 'main'), {}, half)).status);
    }
    expect(statuses).toEqual([202, 202, 429]);
  });

  it('refuses an event that could never fit with 413', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: sink.url,
          annotations: 'afflux.dev/queue-bytes: 64KiB',
        }),
    );
    const answer = await post(afflux.brokerUrl('default', 'main'), {}, Buffer.alloc(100 * 1024));
    expect(answer.status).toBe(413);
  });

  it('holds for a subscription of a channel, too', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      channelYaml({ name: 'main' }) +
        subscriptionYaml({
          name: 'one',
          channel: 'main',
          uri: sink.url,
          annotations: 'afflux.dev/queue-events: "1"',
        }),
    );
    sink.answer = gate().answer;
    const url = afflux.channelUrl('default', 'main');
    expect((await post(url)).status).toBe(202);
    expectRefused(await post(url));
  });
});

describe.skipIf(lacks('boundedQueues'))('queue full, overflow: dead-letter', () => {
  it('accepts the event and sends the copy of the full trigger to its dead letter sink', async () => {
    const { url, dead } = await startFull('dead-letter');
    await fill(url);
    expect((await post(url, { type: 'a', id: 'over' })).status).toBe(202);
    const [letter] = await dead.received(1);
    expect(letter?.event.id).toBe('over');
    expect(letter?.event.getText('knativeerrorcode')).toBe('429');
    const data = letter?.event.getText('knativeerrordata') ?? '';
    expect(Buffer.from(data, 'base64').toString()).toContain('overflow');
  });

  it('delivers it to the other triggers', async () => {
    const { url, other } = await startFull('dead-letter');
    await fill(url);
    await post(url, { type: 'a', id: 'over' });
    await expect.poll(() => other.ids).toContain('over');
  });

  it('loses nothing: each event is at the subscriber or at the sink, once', async () => {
    const { afflux, url, stuck, stuckGate, dead } = await startFull('dead-letter');
    await fill(url);
    // One by one: the overflow lane is bounded, too.
    for (const id of ['over-1', 'over-2', 'over-3']) {
      expect((await post(url, { type: 'a', id })).status).toBe(202);
      await expect.poll(() => dead.ids).toContain(id);
    }
    stuckGate.open();
    await drained(afflux);
    expect([stuck.ids.length, dead.ids]).toEqual([FULL_AT, ['over-1', 'over-2', 'over-3']]);
  });

  it('leaves events that match other triggers only alone', async () => {
    const { url, other } = await startFull('dead-letter');
    await fill(url);
    expect((await post(url, { type: 'b', id: 'passes' })).status).toBe(202);
    await expect.poll(() => other.ids).toContain('passes');
  });

  it('pushes back where there is no dead letter sink', async () => {
    const { url } = await startFull('dead-letter', false);
    await fill(url);
    expectRefused(await post(url, { type: 'a' }));
  });
});

/** Sends a body in chunks until the other side answers; resolves with the answer and the bytes written. */
async function drip(url: string): Promise<{ readonly status: number; readonly written: number }> {
  return new Promise((resolve, reject) => {
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const request = httpRequest(url, {
      method: 'POST',
      headers: {
        'ce-specversion': '1.0',
        'ce-id': '1',
        'ce-source': '/s',
        'ce-type': 't',
        'transfer-encoding': 'chunked',
      },
    });
    request.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, written });
      request.destroy();
    });
    request.on('error', reject);
    const more = () => {
      if (request.destroyed || request.writableEnded) return;
      written += chunk.length;
      if (request.write(chunk)) setImmediate(more);
      else request.once('drain', more);
    };
    more();
  });
}

describe('T02 large bodies', () => {
  it('T02 a body without end is refused with 413 near the bound', async () => {
    const afflux = await startAfflux(brokerYaml(), { ingress: { bodyMax: '256KiB' } });
    const { status, written } = await drip(afflux.brokerUrl('default', 'main'));
    expect(status).toBe(413);
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  it.skipIf(lacks('boundedQueues'))(
    'T02 events are refused with 429 when all queues together hold the budget',
    async () => {
      const sink = await startSubscriber();
      const afflux = await startAfflux(brokerYaml() + triggerYaml({ name: 'one', uri: sink.url }), {
        memory: { budget: '1MiB' },
      });
      const closed = gate();
      sink.answer = closed.answer;
      const url = afflux.brokerUrl('default', 'main');
      const accepted: string[] = [];
      let refused: Posted | undefined;
      for (let index = 0; refused === undefined && index < 100; index += 1) {
        const id = String(index);
        const answer = await post(url, { id }, Buffer.alloc(50 * 1024));
        if (answer.status === 202) accepted.push(id);
        else refused = answer;
      }
      expect(refused?.status).toBe(429);
      expect(accepted.length * 50).toBeLessThanOrEqual(1024);
      closed.open();
      await drained(afflux);
      expect(sink.ids.toSorted()).toEqual(accepted.toSorted());
    },
  );

  it('T02 a reply beyond the bound is a failure, and its event a dead letter', async () => {
    const dead = await startSubscriber();
    const sink = await startSubscriber(replyWith('large', 'x'.repeat(300 * 1024)));
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: sink.url,
          spec: `delivery: { retry: 0, deadLetterSink: { uri: '${dead.url}' } }`,
        }),
      { ingress: { bodyMax: '256KiB' } },
    );
    await post(afflux.brokerUrl('default', 'main'));
    const [letter] = await dead.received(1);
    expect(letter?.event.getText('knativeerrorcode')).toBe('502');
  });
});

describe('T27 noisy neighbour', () => {
  const tenant = (namespace: string, uri: string) =>
    brokerYaml('main', '', '', namespace) + triggerYaml({ name: 'one', uri, namespace });

  it.skipIf(lacks('boundedQueues'))(
    'T27 a namespace that fills its share of memory leaves room for the others',
    async () => {
      const [noisy, quiet] = [await startSubscriber(), await startSubscriber()];
      const afflux = await startAfflux(tenant('noisy', noisy.url) + tenant('quiet', quiet.url), {
        memory: { budget: '1MiB' },
      });
      noisy.answer = gate().answer;
      const body = Buffer.alloc(20 * 1024);
      await expect
        .poll(async () => (await post(afflux.brokerUrl('noisy', 'main'), {}, body)).status, {
          interval: 1,
        })
        .toBe(429);
      for (let index = 0; index < 5; index += 1) {
        expect((await post(afflux.brokerUrl('quiet', 'main'), {}, body)).status).toBe(202);
      }
      await quiet.received(5);
    },
  );

  it("T27 a namespace's backlog does not hold up the deliveries of the others", async () => {
    const [noisy, quiet] = [await startSubscriber(), await startSubscriber()];
    const afflux = await startAfflux(tenant('noisy', noisy.url) + tenant('quiet', quiet.url));
    const closed = gate();
    noisy.answer = closed.answer;
    const burst = Array.from({ length: 2_000 }, (_, index) => index);
    const batch = burst.map((index) => ({
      specversion: '1.0',
      id: String(index),
      source: '/noisy',
      type: 't',
    }));
    for (let from = 0; from < batch.length; from += 1000) {
      const answer = await postJson(
        afflux.brokerUrl('noisy', 'main'),
        batch.slice(from, from + 1000),
        'application/cloudevents-batch+json',
      );
      expect(answer.status).toBe(202);
    }
    for (let index = 0; index < 20; index += 1) {
      await post(afflux.brokerUrl('quiet', 'main'), { id: String(index) });
    }
    await quiet.received(20);
    expect(noisy.deliveries.length).toBeLessThan(batch.length);
    closed.open();
    await noisy.received(batch.length);
  });
});

describe('T16 a sink that answers 503', () => {
  it('T16 gets at most retry + 1 attempts of each event where there is a dead letter sink', async () => {
    const [sink, dead] = [await startSubscriber(503), await startSubscriber()];
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: sink.url,
          spec: `delivery: { retry: 2, backoffPolicy: linear, backoffDelay: PT0.01S, deadLetterSink: { uri: '${dead.url}' } }`,
        }),
    );
    for (let index = 0; index < 20; index += 1) await post(afflux.brokerUrl('default', 'main'));
    await dead.received(20);
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(60);
  });

  it('T16 is left alone after ten failures in a row, and gets every event when it is back', async () => {
    const sink = await startSubscriber();
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: sink.url,
          spec: 'delivery: { retry: 1, backoffPolicy: linear, backoffDelay: PT0.01S }',
        }),
    );
    const closed = gate();
    sink.answer = closed.answer;
    const ids = Array.from({ length: 10 }, (_, index) => `e-${String(index)}`);
    for (const id of ids) await post(afflux.brokerUrl('default', 'main'), { id });
    await sink.received(10);
    sink.answer = 200;
    const failedAtMs = performance.now();
    closed.open(503);
    const deliveries = await sink.received(20);
    // The first pause of the breaker is a second, give or take a tenth.
    expect((deliveries[10]?.atMs ?? 0) - failedAtMs).toBeGreaterThanOrEqual(850);
    expect(sink.ids.slice(10).toSorted()).toEqual(ids);
    expect(await metricOf(afflux, 'afflux_subscription_circuit_breaker_opened_total')).toBe(1);
  });

  it.skipIf(lacks('boundedQueues'))('T16 makes producers wait once its queue is full', async () => {
    const sink = await startSubscriber(503);
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({
          name: 'one',
          uri: sink.url,
          annotations: 'afflux.dev/queue-events: "10"',
          spec: 'delivery: { retry: 1000, backoffPolicy: linear, backoffDelay: PT1S }',
        }),
      { shutdownGrace: 100 },
    );
    const statuses: number[] = [];
    for (let index = 0; index < 12; index += 1) {
      statuses.push((await post(afflux.brokerUrl('default', 'main'))).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 202), 429, 429]);
  });
});
