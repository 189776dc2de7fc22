/** Dead letters of the channel, expiry and `notBefore`, through the flow. */
import type { CloudEvent } from '@afflux/events';
import { settle } from '@afflux/kernel/testing';
import { expect, test } from 'vitest';
import type { DeadLetterReason } from '../channel.ts';
import { keepingDriver } from '../testing/keeping-driver.ts';
import { DELIVERED, FlowWorld, retry } from './flow-world.ts';
import type { Settlement } from './settlement.ts';

const letter: DeadLetterReason = {
  reason: 'status',
  stage: 'subscriber',
  destination: 'http://billing.test/',
  code: 503,
  data: '',
  attempts: 3,
  atMs: 0,
};

function gaveUp(healthy: boolean): Settlement<string> {
  return { kind: 'dead-letter', letter, healthy };
}

async function lettersOf(world: FlowWorld): Promise<string[]> {
  const page = await world.channel.deadLetters?.list({ limit: 100 });
  return page?.letters.map(({ event }) => event.id) ?? [];
}

test('an event that the handler gives up becomes a dead letter, and the next one starts', async () => {
  const world = new FlowWorld({ driver: keepingDriver() });
  await world.flow({ maxInFlight: 1 });
  const [first = '', second = ''] = await world.publishMany(2);
  await world.attempt(first).settle(gaveUp(true));
  expect(await lettersOf(world)).toEqual([first]);
  expect(world.openIds).toEqual([second]);
  await world.attempt(second).settle(DELIVERED);
  expect(world.channel.describe().subscriptions[0]).toMatchObject({ depth: 0, deadLetters: 1 });
});

test('in ordered mode a dead letter frees its key, after the retries that it held it for', async () => {
  const world = new FlowWorld({ driver: keepingDriver() });
  await world.flow({ order: 'ordered' });
  const [a1 = '', a2 = '', b1 = ''] = await world.publish('a', 'a', 'b');
  await world.attempt(a1).settle(retry(1_000));
  expect(world.openIds).toEqual([b1]);
  await world.clock.advance(1_001);
  await world.attempt(a1).settle(gaveUp(true));
  expect(await lettersOf(world)).toEqual([a1]);
  expect(world.openIds).toEqual([b1, a2]);
});

test('a redriven dead letter comes to the handler as new', async () => {
  const world = new FlowWorld({ driver: keepingDriver() });
  await world.flow({});
  const [id = ''] = await world.publishMany(1);
  await world.attempt(id).settle(retry(0, true, 'tried'));
  await world.attempt(id).settle(gaveUp(true));
  const page = await world.channel.deadLetters?.list({ limit: 1 });
  await world.channel.deadLetters?.redrive('reader', [page?.letters[0]?.id ?? '']);
  await settle();
  expect(world.attempt(id).progress).toBeUndefined();
});

test('a dead letter says of the subscriber what its last attempt did', async () => {
  const world = new FlowWorld({ driver: keepingDriver() });
  const breaker = { failuresMin: 2, openMs: 1_000, openMsMax: 1_000 };
  const flow = await world.flow({ breaker });
  await world.publishMany(2);
  await world.settleOpen(gaveUp(true));
  expect(flow.breakerState).toBe('closed');
  await world.publishMany(2);
  await world.settleOpen(gaveUp(false));
  expect(flow.breakerState).toBe('open');
});

test('an expired event is acknowledged and neither closes nor opens the circuit', async () => {
  const world = new FlowWorld();
  const flow = await world.flow({ breaker: { failuresMin: 1, openMs: 1_000, openMsMax: 1_000 } });
  const [expired = '', failing = ''] = await world.publishMany(2);
  await world.attempt(expired).settle({ kind: 'done', outcome: 'expired' });
  expect(flow.breakerState).toBe('closed');
  await world.attempt(failing).settle(retry(60_000, false));
  expect(flow.breakerState).toBe('open');
  expect(world.channel.describe().subscriptions[0]).toMatchObject({ depth: 1 });
});

test('an overflowing event that its sink refuses is done with in its own lane', async () => {
  const world = new FlowWorld({
    subscribe: {
      bounds: { eventsMax: 1, bytesMax: 1e6 },
      overflow: { deadLetter: () => 'overflow', eventsMax: 10 },
    },
  });
  await world.flow({ maxInFlight: 1 });
  const [main = '', overflowing = ''] = await world.publishMany(2);
  await world.attempt(overflowing).settle({ kind: 'done', outcome: 'expired' });
  expect(world.channel.describe().subscriptions[0]).toMatchObject({ depth: 1, overflow: 0 });
  expect(world.openIds).toEqual([main]);
});

test('an event that is not due yet holds neither a slot nor its key', async () => {
  const world = new FlowWorld({
    notBefore: ({ id }: CloudEvent) => (id === '1' ? Math.max(0, 60_000 - elapsedMs()) : 0),
  });
  const elapsedMs = (): number => world.clock.monotonicMs();
  await world.flow({ order: 'ordered', maxInFlight: 1 });
  const [early = '', next = ''] = await world.publish('a', 'a');
  expect(world.openIds).toEqual([next]);
  await world.attempt(next).settle(DELIVERED);
  await world.clock.advance(59_000);
  expect(world.openIds).toEqual([]);
  await world.clock.advance(1_000);
  expect(world.openIds).toEqual([early]);
});

test('the step before an acknowledgement is told, for what is done only', async () => {
  const steps: string[] = [];
  const onStep = (step: string): void => void steps.push(step);
  const world = new FlowWorld({ driver: keepingDriver(), onStep });
  await world.flow({});
  const [done = '', retried = '', dead = ''] = await world.publishMany(3);
  await world.attempt(retried).settle(retry(60_000));
  await world.attempt(dead).settle(gaveUp(true));
  expect(steps).toEqual([]);
  await world.attempt(done).settle(DELIVERED);
  expect(steps).toEqual(['before-ack']);
});
