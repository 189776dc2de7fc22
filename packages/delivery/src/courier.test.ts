import { makeEvent } from '@afflux/events';
import type { CloudEvent } from '@afflux/events';
import { AffluxError } from '@afflux/kernel';
import { describe, expect, test } from 'vitest';
import type { Sender } from './courier.ts';
import { overflowProgress } from './dead-letter.ts';
import {
  LABELS,
  NEVER,
  scriptedSender,
  settle,
  setUp,
  status,
  success,
} from './testing/couriers.ts';
import { freePort, httpServer, startedSender, testEvent } from './testing/servers.ts';
import type { Answer } from './testing/servers.ts';

describe('over HTTP', () => {
  /** Answers with these statuses in turn, then with the last one. */
  function statuses(...codes: readonly number[]): Answer {
    let count = 0;
    return (_request, response) => {
      const code = codes[Math.min(count, codes.length - 1)] ?? 200;
      count += 1;
      response.writeHead(code).end(code >= 300 ? `failure ${String(count)}` : undefined);
    };
  }

  test('500, then 200: delivered with the second attempt', async () => {
    const server = await httpServer(statuses(500, 200));
    const subscriber = { url: server.url };
    const { courier, clock, meter } = setUp(await startedSender(), { subscriber });
    const { outcome, steps } = await settle(courier, clock, testEvent());
    expect(outcome).toBe('delivered');
    expect(steps[0]).toMatchObject({ kind: 'retry', delayMs: 100, healthy: true });
    expect(server.received).toHaveLength(2);
    const { destination } = LABELS;
    expect(meter.sum('afflux_delivery_events_total', destination, 'delivered')).toBe(1);
    expect(meter.sum('afflux_delivery_retries_total', destination, 'subscriber', 'status')).toBe(1);
  });

  test('the subscriber does not get the attribute to omit, the dead letter sink does', async () => {
    const subscriber = await httpServer(statuses(422));
    const sink = await httpServer(statuses(200));
    const { courier, clock, meter } = setUp(await startedSender(), {
      subscriber: { url: `${subscriber.url}path?token=canary` },
      deadLetter: { url: sink.url },
      omitAttribute: 'knativebrokerttl',
    });
    expect((await settle(courier, clock, testEvent())).outcome).toBe('dead-lettered');
    expect(subscriber.received).toHaveLength(1);
    expect(subscriber.received[0]?.headers).not.toHaveProperty('ce-knativebrokerttl');
    expect(sink.received[0]?.headers).toMatchObject({
      'ce-id': 'e-1',
      'ce-knativebrokerttl': '255',
      'ce-knativeerrordest': `${subscriber.url}path`,
      'ce-knativeerrorcode': '422',
      'ce-knativeerrordata': Buffer.from('failure 1').toString('base64'),
      'kn-namespace': 'default',
    });
    expect(sink.received[0]?.headers).not.toHaveProperty('prefer');
    expect(sink.received[0]?.body.toString()).toBe('{"total": 1.50}');
    expect(meter.sum('afflux_delivery_events_total', LABELS.destination, 'dead-lettered')).toBe(1);
  });

  test('a subscriber that cannot be reached is told of with code 500 and the reason', async () => {
    const sink = await httpServer(statuses(200));
    const url = `http://127.0.0.1:${String(await freePort())}/`;
    const { courier, clock } = setUp(await startedSender(), {
      subscriber: { url },
      deadLetter: { url: sink.url },
    });
    const { outcome, steps } = await settle(courier, clock, testEvent());
    expect(outcome).toBe('dead-lettered');
    expect(steps.map(({ healthy }) => healthy)).toEqual([false, false, true]);
    const headers = sink.received[0]?.headers ?? {};
    expect(headers).toMatchObject({ 'ce-knativeerrordest': url, 'ce-knativeerrorcode': '500' });
    const data = Buffer.from(String(headers['ce-knativeerrordata']), 'base64').toString();
    expect(data).toContain('dispatch error: connect ECONNREFUSED');
  });

  test('a reply goes to the reply address with its headers and what the plan adds', async () => {
    const subscriber = await httpServer((_request, response) => {
      response.writeHead(200, {
        ...{ 'ce-specversion': '1.0', 'ce-id': 'r', 'ce-source': '/r', 'ce-type': 'reply' },
        'knative-from': 'subscriber',
      });
      response.end('answer');
    });
    const broker = await httpServer(statuses(202));
    const { courier, clock } = setUp(
      await startedSender(),
      {
        subscriber: { url: subscriber.url },
        reply: { url: broker.url },
        onReply: (reply, original) =>
          reply.with({ knativebrokerttl: Number(original.getText('knativebrokerttl')) - 1 }),
      },
      { contextOf: () => ({ passthrough: ['knative-from', 'producer', 'x-request-id', '7'] }) },
    );
    expect((await settle(courier, clock, testEvent())).outcome).toBe('delivered');
    expect(subscriber.received[0]?.headers).toMatchObject({
      prefer: 'reply',
      'knative-from': 'producer',
      'x-request-id': '7',
    });
    expect(broker.received).toHaveLength(1);
    expect(broker.received[0]?.headers).toMatchObject({
      'ce-id': 'r',
      'ce-knativebrokerttl': '254',
      'knative-from': 'subscriber',
    });
    expect(broker.received[0]?.headers).not.toHaveProperty('x-request-id');
    expect(broker.received[0]?.body.toString()).toBe('answer');
  });

  test('a failed reply is retried alone, then the original is dead-lettered', async () => {
    const subscriber = await httpServer((_request, response) => {
      response.setHeader('content-type', 'application/cloudevents+json');
      response.end('{"specversion":"1.0","id":"r","source":"/r","type":"t"}');
    });
    const broker = await httpServer(statuses(503));
    const sink = await httpServer(statuses(200));
    const { courier, clock } = setUp(await startedSender(), {
      subscriber: { url: subscriber.url },
      reply: { url: broker.url },
      deadLetter: { url: sink.url },
      retry: 2,
    });
    expect((await settle(courier, clock, testEvent())).outcome).toBe('dead-lettered');
    expect([subscriber.received.length, broker.received.length]).toEqual([1, 3]);
    expect(sink.received[0]?.headers).toMatchObject({
      'ce-id': 'e-1',
      'ce-knativeerrordest': broker.url,
      'ce-knativeerrorcode': '503',
    });
  });

  test('a dead letter waits for a sink that is down, and is not lost', async () => {
    const subscriber = await httpServer(statuses(400));
    const sink = await httpServer(statuses(503, 503, 500, 429, 404, 200));
    const { courier, clock } = setUp(await startedSender(), {
      subscriber: { url: subscriber.url },
      deadLetter: { url: sink.url },
    });
    expect((await settle(courier, clock, testEvent())).outcome).toBe('dead-lettered');
    expect([subscriber.received.length, sink.received.length]).toEqual([1, 6]);
  });

  test('structured format is for the subscriber; replies and dead letters are binary', async () => {
    const subscriber = await httpServer(statuses(400));
    const sink = await httpServer(statuses(200));
    const { courier, clock } = setUp(await startedSender(), {
      subscriber: { url: subscriber.url },
      deadLetter: { url: sink.url },
      format: 'json',
    });
    await settle(courier, clock, testEvent());
    expect(subscriber.received[0]?.headers['content-type']).toContain('cloudevents+json');
    expect(sink.received[0]?.headers['ce-id']).toBe('e-1');
  });

  test('an aborted step is neither an attempt nor a failure', async () => {
    const server = await httpServer(() => undefined);
    const { courier, meter } = setUp(await startedSender(), { subscriber: { url: server.url } });
    const controller = new AbortController();
    const step = courier.deliver(testEvent(), undefined, controller.signal);
    await server.gotRequests(1);
    controller.abort();
    expect(await step).toEqual({
      kind: 'retry',
      delayMs: 100,
      healthy: true,
      progress: { stage: 'subscriber', attempt: 0 },
    });
    expect([...meter.names]).toEqual([]);
  });
});

describe('in this process', () => {
  const replying = (): Sender => {
    const reply = makeEvent({ id: 'r', source: '/r', type: 'reply' });
    return scriptedSender(success({ status: 200, reply }));
  };

  test('a reply may be published without HTTP', async () => {
    const published: CloudEvent[] = [];
    const { courier, clock } = setUp(replying(), {
      reply: {
        publish: (event) => {
          published.push(event);
          return success();
        },
      },
    });
    expect((await settle(courier, clock, testEvent())).outcome).toBe('delivered');
    expect(published.map(({ id }) => id)).toEqual(['r']);
  });

  test('a full channel is retried, and in the end told of with its address', async () => {
    let calls = 0;
    const sender = replying();
    const { courier, clock } = setUp(sender, {
      retry: 2,
      deadLetter: { url: 'http://sink.example/' },
      reply: {
        url: 'http://localhost:8080/default/main',
        publish: () => {
          calls += 1;
          throw new AffluxError('full', { code: 'AFFLUX_TEST_FULL', retryable: true });
        },
      },
    });
    await settle(courier, clock, testEvent());
    expect(calls).toBe(3);
    const letter = (sender as ReturnType<typeof scriptedSender>).requests.at(-1)?.event;
    expect(letter?.id).toBe('e-1');
    expect(letter?.getText('knativeerrordest')).toBe('http://localhost:8080/default/main');
  });

  test('a reply that the plan discards ends the delivery', async () => {
    const { courier, clock } = setUp(replying(), {
      reply: { url: 'http://broker.example/' },
      onReply: () => undefined,
    });
    expect((await settle(courier, clock, testEvent())).steps).toHaveLength(1);
  });

  test('without subscriber the event itself goes to the reply address', async () => {
    const sender = scriptedSender();
    const { courier, clock } = setUp(sender, { reply: { url: 'http://next.example/' } });
    const { subscriber: _none, ...plan } = courier.plan;
    courier.plan = plan;
    expect((await settle(courier, clock, testEvent())).outcome).toBe('delivered');
    expect(sender.requests).toMatchObject([{ target: { url: 'http://next.example/' } }]);
    expect(sender.requests[0]?.event.id).toBe('e-1');
  });

  test('a plan may be replaced between two steps', async () => {
    const sender = scriptedSender(status(503, true), success());
    const { courier } = setUp(sender);
    const first = await courier.deliver(testEvent(), undefined, NEVER);
    courier.plan = { ...courier.plan, subscriber: { url: 'http://moved.example/' } };
    const progress = first.kind === 'retry' ? first.progress : undefined;
    expect(await courier.deliver(testEvent(), progress, NEVER)).toMatchObject({ kind: 'done' });
    expect(sender.requests.map(({ target }) => target.url)).toEqual([
      'http://subscriber.example/',
      'http://moved.example/',
    ]);
  });

  test('an address taken out of the plan is skipped by events that were on their way to it', async () => {
    const sender = scriptedSender();
    const { courier, clock, meter } = setUp(sender);
    const { subscriber: _none, ...plan } = courier.plan;
    courier.plan = plan;
    const waiting = { stage: 'subscriber', attempt: 1 } as const;
    expect((await settle(courier, clock, testEvent(), waiting)).outcome).toBe('delivered');
    const letter = overflowProgress(courier.plan, clock.now());
    expect((await settle(courier, clock, testEvent(), letter)).outcome).toBe('dropped');
    expect(sender.requests).toEqual([]);
    expect(meter.sum('afflux_delivery_events_total', LABELS.destination, 'dropped')).toBe(1);
  });

  test('a hook that throws is a failure of that event, not of the process', async () => {
    const { courier, clock } = setUp(scriptedSender(), {
      beforeSend: () => {
        throw new Error('hook');
      },
    });
    expect((await settle(courier, clock, testEvent())).outcome).toBe('dropped');
  });

  test('an overflowing event goes straight to the dead letter sink and says why', async () => {
    const sender = scriptedSender(success());
    const { courier, clock } = setUp(sender, { deadLetter: { url: 'http://sink.example/' } });
    const progress = overflowProgress(courier.plan, clock.now());
    expect((await settle(courier, clock, testEvent(), progress)).outcome).toBe('dead-lettered');
    expect(sender.requests).toHaveLength(1);
    const letter = sender.requests[0]?.event;
    expect(letter?.get('knativeerrorcode')).toBe(429);
    expect(letter?.get('knativeerrordest')).toBe('http://subscriber.example/');
  });
});
