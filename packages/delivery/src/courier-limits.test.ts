import { makeEvent } from '@afflux/events';
import type { TraceContext, Tracer } from '@afflux/kernel';
import { seededRandom } from '@afflux/kernel';
import { describe, expect, test } from 'vitest';
import { failed } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Progress } from './plan.ts';
import { encodeProgress } from './progress-codec.ts';
import {
  LABELS,
  NEVER,
  scriptedSender,
  settle,
  setUp,
  status,
  success,
} from './testing/couriers.ts';
import { httpServer, startedSender, testEvent } from './testing/servers.ts';

describe('bounds', () => {
  test('T16 a sink that answers 503 for a day sees a bounded rate, and costs constant memory', async () => {
    const busy: Outcome = { ...(status(503, true) as object), retryAfterMs: 1 } as Outcome;
    const sender = scriptedSender(busy);
    const { courier, clock } = setUp(
      sender,
      {
        retry: 1000,
        backoffPolicy: 'exponential',
        backoffDelayMs: 200,
        deadLetter: { url: 'http://sink.example/' },
      },
      { random: seededRandom(7) },
    );
    const event = testEvent();
    const DAY_MS = 86_400_000;
    const sentAtMs: number[] = [];
    const sizes = new Set<number>();
    let progress: Progress | undefined;
    while (clock.monotonicMs() < DAY_MS) {
      sentAtMs.push(clock.monotonicMs());
      const settlement = await courier.deliver(event, progress, NEVER);
      if (settlement.kind !== 'retry') throw new Error('the event was lost');
      progress = settlement.progress;
      sizes.add(encodeProgress(progress).length);
      await clock.advance(settlement.delayMs);
    }
    // 12 attempts in the first 8 minutes, then one per 5 minutes give or take the jitter.
    expect(sentAtMs.length).toBeGreaterThan(260);
    expect(sentAtMs.length).toBeLessThan(340);
    expect(Math.max(...sizes)).toBeLessThan(200);
    const lastGaps = sentAtMs.slice(20).map((at, index) => at - (sentAtMs[index + 19] ?? 0));
    expect(Math.min(...lastGaps)).toBeGreaterThanOrEqual(270_000);
    expect(Math.max(...lastGaps)).toBeLessThanOrEqual(330_000);
    expect(new Set(lastGaps).size).toBeGreaterThan(100);
  });

  test('T16 a dead letter sink that answers 503 for a day keeps the event and sees a bounded rate', async () => {
    const sender = scriptedSender(status(400, false), status(503, true));
    const { courier, clock } = setUp(sender, {
      retry: 0,
      backoffPolicy: 'exponential',
      deadLetter: { url: 'http://sink.example/' },
    });
    let progress: Progress | undefined;
    while (clock.monotonicMs() < 86_400_000) {
      const settlement = await courier.deliver(testEvent(), progress, NEVER);
      if (settlement.kind !== 'retry') throw new Error('the event was lost');
      progress = settlement.progress;
      await clock.advance(settlement.delayMs);
    }
    expect(sender.requests.length).toBeGreaterThan(280);
    expect(sender.requests.length).toBeLessThan(310);
  });

  test('T18 a broken dead letter sink: the drop is counted and logged with its ids, once', async () => {
    const sender = scriptedSender(status(400, false));
    const { courier, clock, logger, meter } = setUp(sender, {
      deadLetter: { url: 'http://sink.example/?token=canary' },
    });
    expect((await settle(courier, clock, testEvent())).outcome).toBe('dropped');
    // One attempt at the subscriber, then four refusals by the sink; nothing is sent anywhere else.
    expect(sender.requests.map(({ target }) => target.url.slice(7, 11))).toEqual([
      'subs',
      ...Array<string>(4).fill('sink'),
    ]);
    expect(meter.sum('afflux_delivery_events_total', LABELS.destination, 'dropped')).toBe(1);
    expect(logger.lines.filter(({ level }) => level !== 'debug')).toEqual([
      {
        level: 'error',
        message: 'event dropped: its dead letter sink refuses it',
        fields: {
          destination: LABELS.destination,
          eventId: 'e-1',
          eventSource: '/orders',
          eventType: 'com.example.order',
          stage: 'dead-letter',
          reason: 'status',
          code: 400,
          attempts: 4,
          url: 'http://sink.example/',
        },
      },
    ]);
  });

  test('drops without a dead letter sink warn at a bounded rate and count every one', async () => {
    const { courier, clock, logger, meter } = setUp(scriptedSender(status(400, false)));
    const warnings = () => logger.lines.filter(({ level }) => level === 'warn');
    for (let count = 0; count < 50; count += 1) await settle(courier, clock, testEvent());
    expect(warnings()).toHaveLength(1);
    await clock.advance(10_000);
    await settle(courier, clock, testEvent());
    expect(warnings()[1]?.fields).toMatchObject({ suppressed: 49, code: 400 });
    expect(meter.sum('afflux_delivery_events_total', LABELS.destination, 'dropped')).toBe(51);
  });

  test('event types get series of their own up to a bound', async () => {
    const { courier, meter } = setUp(scriptedSender(success()));
    const total = (type: string) =>
      meter.values(
        'kn_eventing_dispatch_duration_seconds',
        ...['main', 'default', '', '', LABELS.destination, 'send', 'knative', 'http', type, '202'],
      ).length;
    for (let index = 0; index < 100; index += 1) {
      await courier.deliver(testEvent({ 'ce-type': `t${String(index)}` }), undefined, NEVER);
    }
    await courier.deliver(testEvent({ 'ce-type': 't0' }), undefined, NEVER);
    expect([total('t0'), total('t15'), total('t16'), total('other')]).toEqual([2, 1, 0, 84]);
  });
});

describe('telemetry', () => {
  test('each attempt at the subscriber is recorded with its status, failures without one with none', async () => {
    const sender = scriptedSender(
      failed('connection', 'refused', { retryable: true, durationMs: 250 }),
      success({ status: 200, replyIgnored: 'not-an-event' }),
    );
    const { courier, clock, meter, logger } = setUp(sender);
    await settle(courier, clock, testEvent());
    const recorded = (code: string) =>
      meter.values(
        'kn_eventing_dispatch_duration_seconds',
        ...['main', 'default', '', '', LABELS.destination, 'send', 'knative', 'http'],
        ...['com.example.order', code],
      );
    expect([recorded(''), recorded('200')]).toEqual([[0.25], [0.04]]);
    const { destination } = LABELS;
    expect(meter.sum('afflux_delivery_replies_ignored_total', destination, 'not-an-event')).toBe(1);
    expect(logger.lines).toMatchObject([
      { level: 'debug', message: 'delivery attempt failed', fields: { reason: 'connection' } },
    ]);
  });

  test('success logs nothing', async () => {
    const { courier, clock, logger } = setUp(scriptedSender(success()));
    await settle(courier, clock, testEvent());
    expect(logger.lines).toEqual([]);
  });

  const parent: TraceContext = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  const child: TraceContext = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
  };

  function recordingTracer(enabled: boolean) {
    const spans: Record<string, unknown>[] = [];
    const tracer: Tracer = {
      enabled,
      startSpan(name, options) {
        const span: Record<string, unknown> = { name, ...options };
        spans.push(span);
        return {
          context: child,
          setAttribute: (key, value) => void (span[key] = value),
          end: (error) => void (span['error'] = error),
        };
      },
    };
    return { tracer, spans };
  }

  test('an enabled tracer gets a span per attempt, and the next hop its context', async () => {
    const { tracer, spans } = recordingTracer(true);
    const sender = scriptedSender(status(503, true), success());
    const contextOf = () => ({ trace: parent });
    const { courier, clock } = setUp(sender, {}, { tracer, contextOf });
    await settle(courier, clock, testEvent());
    expect(spans).toHaveLength(2);
    expect(spans[0]).toMatchObject({
      name: 'send trigger:orders.default',
      kind: 'client',
      parent,
      'http.response.status_code': 503,
      error: new Error('the target answered with status 503'),
    });
    expect(spans[1]).toMatchObject({ 'http.response.status_code': 202, error: undefined });
    expect(JSON.stringify(spans)).not.toContain('e-1');
    expect(sender.requests.map(({ trace }) => trace)).toEqual([child, child]);
  });

  test('a tracer that is not enabled is not asked, and the context goes on as it came', async () => {
    const { tracer, spans } = recordingTracer(false);
    const sender = scriptedSender(success());
    const { courier, clock } = setUp(sender, {}, { tracer, contextOf: () => ({ trace: parent }) });
    await settle(courier, clock, testEvent());
    expect(spans).toEqual([]);
    expect(sender.requests[0]?.trace).toBe(parent);
  });

  test('T30 secrets in addresses and event data appear in no log line, metric or dead letter', async () => {
    const sink = await httpServer((_request, response) => response.writeHead(400).end());
    const subscriber = await httpServer((_request, response) => response.writeHead(500).end());
    const plan = {
      subscriber: { url: `${subscriber.url}?access_token=canary` },
      deadLetter: { url: `${sink.url}?access_token=canary` },
    };
    const { courier, clock, logger, meter } = setUp(await startedSender(), plan);
    const event = makeEvent({ id: '1', source: '/s', type: 't', data: 'canary' });
    await settle(courier, clock, event);
    expect(sink.received.length).toBeGreaterThan(0);
    expect(JSON.stringify(sink.received.map(({ headers }) => headers))).not.toContain('canary');
    expect(JSON.stringify([logger.lines, [...meter.names]])).not.toContain('canary');
  });
});
