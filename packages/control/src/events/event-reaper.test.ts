import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger } from '@afflux/kernel/testing';
import type { ApiObject } from '@afflux/resources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore } from '../memory/memory-store.ts';
import { EVENT_KINDS } from '../testkit/events.ts';
import { FaultyStore } from '../testkit/faulty-store.ts';
import type { WriteFailure } from '../testkit/recording-store.ts';
import { secondsTimestamp } from '../timestamp.ts';
import { EVENT } from './core-event.ts';
import { EventReaper, eventsToRemove, type EventReaperLimits } from './event-reaper.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function event(name: string, heardMs: number, namespace = 'ns'): ApiObject {
  return {
    ...EVENT,
    metadata: { namespace, name },
    lastTimestamp: secondsTimestamp(heardMs),
  } as ApiObject;
}

interface Options {
  readonly limits?: Partial<EventReaperLimits>;
  readonly failures?: readonly WriteFailure[];
}

function makeWorld({ limits = {}, failures = [] }: Options = {}) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const memory = new MemoryStore({ clock, newId: newUuid, registry: EVENT_KINDS });
  const store = new FaultyStore(memory, failures);
  const reaper = new EventReaper({ store, clock, logger, limits });
  onTestFinished(() => reaper.close());
  const create = (name: string, namespace?: string) =>
    memory.create(event(name, clock.now(), namespace));
  const names = async (): Promise<string[]> =>
    (await memory.list(EVENT)).items.map(({ metadata }) => metadata.name);
  return { clock, logger, memory, store, reaper, create, names };
}

describe('eventsToRemove', () => {
  const limits = { ttlMs: HOUR_MS, perNamespaceMax: 2, perPassMax: 10 };
  const nowMs = Date.UTC(2026, 0, 1);
  const ago = (name: string, ms: number, namespace?: string) => event(name, nowMs - ms, namespace);
  const names = (events: readonly ApiObject[]) => events.map(({ metadata }) => metadata.name);

  it('takes those that are an hour old, and no younger ones', () => {
    const events = [ago('young', HOUR_MS - 1_000), ago('old', HOUR_MS)];
    expect(names(eventsToRemove(events, nowMs, limits))).toEqual(['old']);
  });

  it('takes the oldest of a namespace that has too many, and none of another', () => {
    const events = [ago('b', 3), ago('a', 4_000), ago('c', 2), ago('d', 5_000, 'other')];
    expect(names(eventsToRemove(events, nowMs, limits))).toEqual(['a']);
  });

  it('takes no more than fit into a pass, the oldest of all namespaces first', () => {
    const events = [4, 6, 5, 7].map((hours, index) =>
      ago(String(hours), hours * HOUR_MS, `ns-${String(index)}`),
    );
    expect(names(eventsToRemove(events, nowMs, { ...limits, perPassMax: 2 }))).toEqual(['7', '6']);
  });
});

describe('EventReaper', () => {
  it('removes an Event an hour after it was last heard of', async () => {
    const { reaper, create, names, clock, memory } = makeWorld();
    await create('silent');
    await create('heard');
    await reaper.start();
    await clock.advance(30 * MINUTE_MS);
    const body = { lastTimestamp: secondsTimestamp(clock.now()) };
    await memory.patch(EVENT, { namespace: 'ns', name: 'heard' }, { type: 'merge', body });
    await clock.advance(29 * MINUTE_MS);
    expect(await names()).toEqual(['heard', 'silent']);
    await clock.advance(MINUTE_MS);
    expect(await names()).toEqual(['heard']);
    await clock.advance(30 * MINUTE_MS);
    expect(await names()).toEqual([]);
  });

  it('keeps the newest of a namespace', async () => {
    const { reaper, create, names, clock } = makeWorld({ limits: { perNamespaceMax: 2 } });
    for (const name of ['c', 'b', 'a']) {
      await create(name);
      await clock.advance(1_000);
    }
    await create('z', 'other');
    await reaper.start();
    await clock.advance(0);
    expect(await names()).toEqual(['a', 'b', 'z']);
  });

  it('removes a bounded number in a pass, and soon the next', async () => {
    const { reaper, create, names, clock } = makeWorld({ limits: { perPassMax: 2 } });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    await clock.advance(HOUR_MS);
    await reaper.start();
    await clock.advance(0);
    expect(await names()).toHaveLength(3);
    await clock.advance(1_000);
    expect(await names()).toHaveLength(1);
    await clock.advance(1_000);
    expect(await names()).toHaveLength(0);
  });

  it('leaves an Event that was counted up after it looked', async () => {
    const { reaper, create, names, clock, memory, store } = makeWorld();
    await create('a');
    await clock.advance(HOUR_MS);
    store.delete = async (kind, key, options) => {
      const body = { lastTimestamp: secondsTimestamp(clock.now()) };
      await memory.patch(EVENT, key, { type: 'merge', body });
      return memory.delete(kind, key, options);
    };
    await reaper.start();
    await clock.advance(0);
    expect(await names()).toEqual(['a']);
  });

  it('goes on after a store that failed', async () => {
    const { reaper, create, names, clock, store, logger } = makeWorld();
    await create('a');
    await clock.advance(HOUR_MS);
    store.listFaults = [new Error('away')];
    await reaper.start();
    await clock.advance(0);
    expect(await names()).toEqual(['a']);
    expect(logger.lines).toMatchObject([{ level: 'warn', message: 'old events not removed' }]);
    await clock.advance(MINUTE_MS);
    expect(await names()).toEqual([]);
  });

  it('stops when it is drained', async () => {
    const { reaper, clock, store } = makeWorld();
    await reaper.start();
    await clock.advance(0);
    await reaper.drain();
    await clock.advance(HOUR_MS);
    expect(store.listCount).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('stops when it is closed', async () => {
    const { reaper, clock } = makeWorld();
    await reaper.start();
    await reaper.close();
    expect(clock.pending).toBe(0);
  });
});
