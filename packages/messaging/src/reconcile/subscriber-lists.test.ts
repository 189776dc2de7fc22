import { InformerSet, MemoryStore, StoreError } from '@afflux/control';
import { RecordingStore } from '@afflux/control/testkit';
import { systemClock } from '@afflux/kernel';
import { FakeClock, recordingLogger } from '@afflux/kernel/testing';
import type { SubscriberSpec } from '@afflux/resources';
import { describe, expect, onTestFinished, test } from 'vitest';
import { IN_MEMORY_CHANNEL } from '../model/kinds.ts';
import { REGISTRY } from '../testing/admission.ts';
import { memoryChannel, NAMESPACE } from '../testing/objects.ts';
import { SubscriberLists, withChanges } from './subscriber-lists.ts';

const ORDERS = { ...IN_MEMORY_CHANNEL, namespace: NAMESPACE, name: 'orders' };

function entry(uid: string, port = 1): SubscriberSpec & { uid: string } {
  return { uid, subscriberUri: `http://localhost:${String(port)}` };
}

async function setUp(subscribers: readonly SubscriberSpec[] = []) {
  const clock = new FakeClock();
  let count = 0;
  const newId = () => `id-${String((count += 1))}`;
  const memory = new MemoryStore({ clock, newId, registry: REGISTRY });
  await memory.create(memoryChannel('orders', { subscribers: [...subscribers] }));
  const store = new RecordingStore(memory);
  const logger = recordingLogger();
  const informers = new InformerSet({ store, clock: systemClock, logger });
  informers.get(IN_MEMORY_CHANNEL);
  await informers.start();
  onTestFinished(() => informers.close());
  const lists = new SubscriberLists({ store, informers, clock });
  const stored = async () => {
    const object = await memory.get(IN_MEMORY_CHANNEL, ORDERS);
    return (object.spec as { subscribers?: SubscriberSpec[] }).subscribers;
  };
  return { clock, memory, store, lists, stored };
}

describe('subscriber lists', () => {
  test('changes that arrive together are one write', async () => {
    const { clock, store, lists, stored } = await setUp([entry('a'), entry('b')]);
    const all = Promise.all([
      lists.put(ORDERS, entry('c')),
      lists.put(ORDERS, entry('a', 7)),
      lists.remove(ORDERS, 'b'),
    ]);
    await clock.advance(1);
    await all;
    expect(store.takeWrites()).toHaveLength(1);
    expect(await stored()).toEqual([entry('a', 7), entry('c')]);
  });

  test('of two changes to one entry the later counts', async () => {
    const { clock, lists, stored } = await setUp();
    const all = Promise.all([lists.put(ORDERS, entry('a', 1)), lists.put(ORDERS, entry('a', 2))]);
    await clock.advance(1);
    await all;
    expect(await stored()).toEqual([entry('a', 2)]);
  });

  test('the longer the list, the longer changes are gathered, up to a bound', async () => {
    const waits: number[] = [];
    for (const length of [0, 100, 300, 5_000]) {
      const present = Array.from({ length }, (_, index) => entry(`old-${String(index)}`));
      const { clock, lists } = await setUp(present);
      const done = lists.put(ORDERS, entry('new'));
      waits.push(clock.nextDueInMs ?? -1);
      await clock.advance(25);
      await done;
    }
    expect(waits).toEqual([1, 5, 15, 25]);
  });

  test('what arrives while a write is under way goes with the next', async () => {
    const { clock, store, lists, stored } = await setUp();
    const first = lists.put(ORDERS, entry('a'));
    const second = first.then(() => lists.put(ORDERS, entry('b')));
    await clock.advance(10);
    await second;
    expect(store.takeWrites()).toHaveLength(2);
    expect(await stored()).toEqual([entry('a'), entry('b')]);
  });

  test('nothing is written when the list is as it should be', async () => {
    const { clock, store, lists } = await setUp([entry('a')]);
    const all = Promise.all([lists.put(ORDERS, entry('a')), lists.remove(ORDERS, 'nobody')]);
    await clock.advance(1);
    await all;
    expect(store.takeWrites()).toEqual([]);
  });

  test('a conflict is answered with another try on what is there now', async () => {
    const { clock, memory, store, lists, stored } = await setUp();
    // Somebody writes between the read and the write of the list.
    const get = store.get.bind(store);
    let isFirst = true;
    store.get = async (...key) => {
      const object = await get(...key);
      if (isFirst) {
        isFirst = false;
        const body = {
          metadata: { labels: { touched: 'yes' } },
          spec: { subscribers: [entry('x')] },
        };
        await memory.patch(IN_MEMORY_CHANNEL, ORDERS, { type: 'merge', body });
      }
      return object;
    };
    const done = lists.put(ORDERS, entry('a'));
    await clock.advance(1);
    await done;
    expect(await stored()).toEqual([entry('x'), entry('a')]);
  });

  test('conflicts without end are given up, and whoever waited hears of it', async () => {
    const { clock, store, lists } = await setUp();
    let attempts = 0;
    store.patch = () => {
      attempts += 1;
      return Promise.reject(new StoreError('AFFLUX_STORE_CONFLICT', 'again'));
    };
    const outcomes = Promise.allSettled([
      lists.put(ORDERS, entry('a')),
      lists.put(ORDERS, entry('b')),
    ]);
    await clock.advance(1);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(attempts).toBe(10);
  });

  test('a failed write leaves the next one alone', async () => {
    const { clock, memory, lists, stored } = await setUp();
    await memory.delete(IN_MEMORY_CHANNEL, ORDERS);
    const failing = lists.put(ORDERS, entry('a'));
    const outcome = expect(failing).rejects.toMatchObject({ reason: 'NotFound' });
    await clock.advance(1);
    await outcome;
    await memory.create(memoryChannel('orders'));
    const done = lists.put(ORDERS, entry('a'));
    await clock.advance(1);
    await done;
    expect(await stored()).toEqual([entry('a')]);
  });
});

test('entries without a uid belong to nobody here and stay', () => {
  const byHand = { name: 'by-hand', subscriberUri: 'http://localhost:3' };
  const changes = new Map([
    ['a', undefined],
    ['b', entry('b')],
  ]);
  expect(withChanges([byHand, entry('a')], changes)).toEqual([byHand, entry('b')]);
});
