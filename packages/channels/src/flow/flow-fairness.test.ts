import { FakeClock, settle } from '@afflux/kernel/testing';
import { expect, test } from 'vitest';
import { DELIVERED, FlowWorld, LABELS } from './flow-world.ts';
import { FlowScheduler } from './scheduler.ts';
import type { Handle } from './subscription-flow.ts';

/** A handler that is done at once, and the order in which it was called. */
function recorder(): { handle: Handle<string>; calls: string[] } {
  const calls: string[] = [];
  const handle: Handle<string> = (event) => {
    calls.push(event.id);
    return Promise.resolve(DELIVERED);
  };
  return { handle, calls };
}

test('a large backlog lets the event loop have its turn', async () => {
  const { handle, calls } = recorder();
  const world = new FlowWorld({ handle });
  await world.flow({ maxInFlight: 1_000 });
  await settle();
  void world.channel.publish(Array.from({ length: 1_000 }, () => world.event()));
  const perTurn: number[] = [];
  while (calls.length < 1_000) {
    const before = calls.length;
    await settle();
    perTurn.push(calls.length - before);
  }
  expect(perTurn.length).toBeGreaterThan(10);
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(64);
});

test('T27 a tenant with many busy flows does not delay the one flow of another', async () => {
  const scheduler = new FlowScheduler({ clock: new FakeClock() });
  const order: string[] = [];
  const noisy = new FlowWorld({
    scheduler,
    handle: () => {
      order.push('noisy');
      return Promise.resolve(DELIVERED);
    },
  });
  for (let flow = 0; flow < 100; flow += 1) {
    await noisy.flow({ maxInFlight: 50 }, { ...LABELS, subscription: `noisy-${String(flow)}` });
  }
  const quiet = new FlowWorld({
    scheduler,
    handle: () => {
      order.push('quiet');
      return Promise.resolve(DELIVERED);
    },
  });
  await quiet.flow({}, { ...LABELS, namespace: 'other' });
  await settle();
  void noisy.channel.publish(Array.from({ length: 100 }, () => noisy.event()));
  void quiet.channel.publish([quiet.event()]);
  while (noisy.channel.describe().events > 0) await settle();
  expect(order).toHaveLength(10_001);
  // One visit of the other tenant comes first, not a hundred.
  expect(order.indexOf('quiet')).toBeLessThanOrEqual(16);
});

test('flows of one tenant take turns', async () => {
  const scheduler = new FlowScheduler({ clock: new FakeClock() });
  const { handle, calls } = recorder();
  const world = new FlowWorld({ scheduler, handle });
  await world.flow({ maxInFlight: 100 }, { ...LABELS, subscription: 'one' });
  await world.flow({ maxInFlight: 100 }, { ...LABELS, subscription: 'two' });
  await settle();
  await world.channel.publish(Array.from({ length: 64 }, () => world.event()));
  while (calls.length < 128) await settle();
  const firstSecondReader = calls.findIndex((id, index) => calls.indexOf(id) < index);
  expect(firstSecondReader).toBeLessThanOrEqual(16);
});
