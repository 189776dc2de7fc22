import { type EventInput, makeEvent } from '@afflux/events';
import { expect, test } from 'vitest';
import { eventTimesProblem, NOT_BEFORE_AHEAD_MS_MAX, notBeforeMs } from './event-times.ts';
import {
  LABELS,
  scriptedSender,
  settle,
  setUp,
  status,
  success,
  NEVER,
} from './testing/couriers.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

function eventWith(extensions: NonNullable<EventInput['extensions']>) {
  return makeEvent({ id: 'e-1', source: '/s', type: 't', extensions });
}

function after(ms: number): string {
  return new Date(NOW_MS + ms).toISOString();
}

test('notbefore says how long to wait; what is past, absent or unreadable does not wait', () => {
  expect(notBeforeMs(eventWith({}), NOW_MS)).toBe(0);
  expect(notBeforeMs(eventWith({ notbefore: after(90_000) }), NOW_MS)).toBe(90_000);
  expect(notBeforeMs(eventWith({ notbefore: after(-1) }), NOW_MS)).toBe(0);
  expect(notBeforeMs(eventWith({ notbefore: 'tomorrow' }), NOW_MS)).toBe(0);
  const tooFar = after(NOT_BEFORE_AHEAD_MS_MAX + 1_000);
  expect(notBeforeMs(eventWith({ notbefore: tooFar }), NOW_MS)).toBe(0);
});

test.each([
  [{}, false, undefined],
  [{ notbefore: after(1_000) }, true, undefined],
  [{ notbefore: after(-1_000), expirytime: after(-1_000) }, true, undefined],
  [{ notbefore: after(1_000) }, false, 'notbefore'],
  [{ notbefore: 'tomorrow' }, true, 'notbefore'],
  [{ notbefore: 5 }, true, 'notbefore'],
  [{ notbefore: after(NOT_BEFORE_AHEAD_MS_MAX + 1_000) }, true, 'notbefore'],
  [{ expirytime: '2026-01-01' }, false, 'expirytime'],
])('%j with delay %j: %s', (extensions, isDelayed, attribute) => {
  const problem = eventTimesProblem(eventWith(extensions), { isDelayed, nowMs: NOW_MS });
  expect(problem?.attribute).toBe(attribute);
});

test('an event is not attempted after its expirytime, and that is counted', async () => {
  const sender = scriptedSender(success());
  const { courier, clock, meter, logger } = setUp(sender);
  const event = eventWith({ expirytime: after(1_000) });
  await clock.advance(1_000);
  expect((await settle(courier, clock, event)).outcome).toBe('expired');
  expect(sender.requests).toEqual([]);
  expect(meter.sum('afflux_delivery_events_total', LABELS.destination, 'expired')).toBe(1);
  expect(logger.lines).toMatchObject([{ level: 'debug', message: 'event expired' }]);
});

test('an event that expires between two attempts gets no further one, nor a dead letter', async () => {
  const sender = scriptedSender(status(503, true));
  const { courier, clock } = setUp(sender, { retry: 5, deadLetter: { url: 'http://sink.test/' } });
  const event = eventWith({ expirytime: after(150) });
  const { outcome, steps } = await settle(courier, clock, event);
  expect(outcome).toBe('expired');
  expect(steps.at(-1)).toMatchObject({ healthy: true });
  expect(sender.requests).toHaveLength(2);
  const letter = { stage: 'dead-letter', attempt: 0 } as const;
  expect(await courier.deliver(event, letter, NEVER)).toMatchObject({ outcome: 'expired' });
});

test('a reply goes by its own expirytime, not by that of the event it answers', async () => {
  const sender = scriptedSender(success());
  const { courier, clock } = setUp(sender, { reply: { url: 'http://reply.test/' } });
  const event = eventWith({ expirytime: after(-1) });
  const reply = eventWith({});
  const fresh = { stage: 'reply', attempt: 0, reply } as const;
  expect((await settle(courier, clock, event, fresh)).outcome).toBe('delivered');
  const stale = { stage: 'reply', attempt: 0, reply: event } as const;
  expect((await settle(courier, clock, reply, stale)).outcome).toBe('expired');
});

test('the step between a reply and its commit is told once the reply was accepted', async () => {
  const steps: string[] = [];
  const sender = scriptedSender(success({ reply: eventWith({}) }), status(503, true), success());
  const plan = { reply: { url: 'http://reply.test/' } };
  const onStep = (step: string) => void steps.push(step);
  const { courier, clock } = setUp(sender, plan, { onStep });
  expect((await settle(courier, clock, eventWith({}))).outcome).toBe('delivered');
  expect(sender.requests).toHaveLength(3);
  expect(steps).toEqual(['between-reply-and-commit']);
});
