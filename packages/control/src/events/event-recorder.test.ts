import { newUuid, seededRandom } from '@afflux/kernel';
import { FakeClock, RecordingMeter, recordingLogger, settle } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreError } from '../errors.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { EVENT_KINDS } from '../testkit/events.ts';
import { gadget } from '../testkit/kinds.ts';
import { RecordingStore, type WriteFailure } from '../testkit/recording-store.ts';
import { EVENT, type CoreEvent, type EventToRecord } from './core-event.ts';
import { EventRecorder, type EventRecorderLimits } from './event-recorder.ts';

interface Options {
  readonly failures?: readonly WriteFailure[];
  readonly limits?: Partial<EventRecorderLimits>;
}

function makeWorld({ failures = [], limits = {} }: Options = {}) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const meter = new RecordingMeter();
  const memory = new MemoryStore({ clock, newId: newUuid, registry: EVENT_KINDS });
  const store = new RecordingStore(memory, failures);
  const recorder = new EventRecorder({
    component: 'test',
    store,
    clock,
    logger,
    meter,
    random: seededRandom(1),
    limits,
  });
  onTestFinished(() => recorder.close());
  const tell = (message: string, changes: Partial<EventToRecord> = {}): void => {
    const object = gadget({ namespace: 'ns', name: 'a', uid: 'u' });
    recorder.record({ object, type: 'Warning', reason: 'Bad', message, ...changes });
  };
  const events = async (): Promise<CoreEvent[]> =>
    (await memory.list(EVENT)).items as unknown as CoreEvent[];
  const shown = async (): Promise<string[]> =>
    (await events())
      .map(({ reason, message, count }) => `${reason} ×${String(count)} ${message}`)
      .sort();
  const result = (name: string): number => meter.sum('afflux_kubernetes_events_total', name);
  return { clock, logger, memory, store, recorder, tell, events, shown, result };
}

function unavailable(): StoreError {
  return new StoreError('AFFLUX_STORE_UNAVAILABLE', 'nobody there');
}

describe('EventRecorder', () => {
  it('stores what it is told of beside the object', async () => {
    const { recorder, tell, events } = makeWorld();
    await recorder.start();
    tell('no');
    await recorder.idle();
    expect(await events()).toMatchObject([
      {
        metadata: { namespace: 'ns', name: expect.stringMatching(/^a\.[0-9a-f]{16}$/) as string },
        involvedObject: { kind: 'Gadget', namespace: 'ns', name: 'a', uid: 'u' },
        type: 'Warning',
        reason: 'Bad',
        message: 'no',
        source: { component: 'test' },
        count: 1,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
      },
    ]);
  });

  it('counts up the Event that is there, and says when it happened last', async () => {
    const { recorder, tell, events, clock, store } = makeWorld();
    await recorder.start();
    tell('no');
    await clock.advance(90_000);
    tell('no');
    await recorder.idle();
    expect(await events()).toMatchObject([
      { count: 2, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:30Z' },
    ]);
    expect(store.takeWrites().map(({ verb }) => verb)).toEqual(['create', 'patch']);
  });

  it('combines many messages about one thing into one Event', async () => {
    const { recorder, tell, shown } = makeWorld();
    await recorder.start();
    for (let index = 1; index <= 12; index += 1) tell(`no ${String(index)}`);
    await recorder.idle();
    const written = await shown();
    expect(written).toHaveLength(10);
    expect(written).toContain('Bad ×3 (combined from similar events): no 12');
  });

  it('does not write the 26th Event of one object, and counts that', async () => {
    const { recorder, tell, events, result } = makeWorld();
    await recorder.start();
    for (let index = 0; index < 26; index += 1) tell('no', { reason: `Bad${String(index)}` });
    await recorder.idle();
    expect(await events()).toHaveLength(25);
    expect([result('created'), result('filtered')]).toEqual([25, 1]);
  });

  it('writes what was recorded before the start', async () => {
    const { recorder, tell, shown } = makeWorld();
    tell('early');
    await recorder.start();
    await recorder.idle();
    expect(await shown()).toEqual(['Bad ×1 early']);
  });

  it('names the component that is named', async () => {
    const { recorder, tell, events } = makeWorld();
    await recorder.start();
    tell('no', { component: 'gadget-controller' });
    await recorder.idle();
    expect(await events()).toMatchObject([{ reportingComponent: 'gadget-controller' }]);
  });

  it('gives two Events of one moment two names', async () => {
    const { recorder, tell, events } = makeWorld();
    await recorder.start();
    tell('one');
    tell('two');
    await recorder.idle();
    expect(await events()).toHaveLength(2);
  });

  it('makes an Event anew that was removed meanwhile, with its count', async () => {
    const { recorder, tell, events, memory } = makeWorld();
    await recorder.start();
    tell('no');
    await recorder.idle();
    for (const event of await events()) await memory.delete(EVENT, event.metadata);
    tell('no');
    await recorder.idle();
    expect(await events()).toMatchObject([{ count: 2, message: 'no' }]);
  });

  it('takes another name when its name is taken', async () => {
    const { recorder, tell, shown, store } = makeWorld();
    await recorder.start();
    tell('one');
    await recorder.idle();
    const taken = store.takeWrites()[0]?.object as CoreEvent;
    const other = makeWorld();
    await other.memory.create(taken);
    await other.recorder.start();
    // The same object, clock and random numbers: the same name.
    other.tell('two');
    await other.recorder.idle();
    expect(await shown()).toEqual(['Bad ×1 one']);
    expect(await other.shown()).toEqual(['Bad ×1 one', 'Bad ×1 two']);
    other.tell('two');
    await other.recorder.idle();
    expect(await other.shown()).toEqual(['Bad ×1 one', 'Bad ×2 two']);
  });

  it('gives up an Event that it may not write, and goes on', async () => {
    const error = new StoreError('AFFLUX_STORE_QUOTA_EXCEEDED', 'the namespace is going');
    const { recorder, tell, store, shown, result, logger } = makeWorld({
      failures: [{ verb: 'create', kind: 'Event', error }],
    });
    await recorder.start();
    tell('lost');
    await recorder.idle();
    store.stopFailing();
    tell('kept');
    await recorder.idle();
    expect(await shown()).toEqual(['Bad ×1 kept']);
    expect(result('failed')).toBe(1);
    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        message: 'event could not be written',
        fields: { kind: 'Gadget', err: error },
      },
    ]);
  });

  it('gives up at a store that has no Events, and harms nobody', async () => {
    const clock = new FakeClock();
    const logger = recordingLogger();
    const registry = { get: () => undefined };
    const store = new MemoryStore({ clock, newId: newUuid, registry });
    const recorder = new EventRecorder({ component: 'test', store, clock, logger });
    onTestFinished(() => recorder.close());
    await recorder.start();
    for (let index = 0; index < 5; index += 1) {
      const object = gadget({ namespace: 'ns', name: 'a' });
      recorder.record({ object, type: 'Normal', reason: 'Ok', message: String(index) });
    }
    await recorder.idle();
    expect(logger.lines.map(({ message }) => message)).toEqual(['event could not be written']);
  });

  it('tries again while the store is away', async () => {
    const { recorder, tell, store, shown, clock } = makeWorld({
      failures: [{ verb: 'create', kind: 'Event', error: unavailable() }],
    });
    await recorder.start();
    tell('no');
    // The first wait is of random length, at most ten seconds.
    await clock.advance(9_999);
    expect(store.takeWrites()).toHaveLength(2);
    store.stopFailing();
    await clock.advance(10_000);
    expect(await shown()).toEqual(['Bad ×1 no']);
  });

  it('gives up after twelve tries', async () => {
    const { recorder, tell, store, result, clock } = makeWorld({
      failures: [{ verb: 'create', kind: 'Event', error: unavailable() }],
    });
    await recorder.start();
    tell('no');
    await clock.advance(1_000_000);
    expect(store.takeWrites()).toHaveLength(12);
    expect(result('failed')).toBe(1);
  });

  it('gives a write that hangs ten seconds, and tries again', async () => {
    const clock = new FakeClock();
    const logger = recordingLogger();
    let calls = 0;
    const create = (): Promise<never> => {
      calls += 1;
      return new Promise(() => undefined);
    };
    const store = { create, patch: () => Promise.reject(unavailable()) };
    const recorder = new EventRecorder({ component: 'test', store, clock, logger });
    await recorder.start();
    const object = gadget({ namespace: 'ns', name: 'a' });
    recorder.record({ object, type: 'Normal', reason: 'Ok', message: '' });
    await clock.advance(9_999);
    expect(calls).toBe(1);
    await clock.advance(10_001);
    expect(calls).toBe(2);
    await recorder.close();
    expect(clock.pending).toBe(0);
  });

  it('drops what is too much, counts it, and says so once a minute', async () => {
    const { recorder, tell, result, logger, clock } = makeWorld({ limits: { queueMax: 2 } });
    for (let index = 0; index < 5; index += 1) tell(`no ${String(index)}`);
    expect(result('dropped')).toBe(3);
    expect(logger.lines).toHaveLength(1);
    await clock.advance(60_000);
    tell('again');
    expect(logger.lines).toMatchObject([
      { message: 'event dropped, too many wait to be written' },
      { message: 'event dropped, too many wait to be written', fields: { leftOut: 2 } },
    ]);
    await recorder.start();
    await recorder.idle();
    expect(result('created')).toBe(2);
  });

  it('writes at a pace when there is much to write', async () => {
    const { recorder, tell, events, clock } = makeWorld({
      limits: { writeBurst: 3, writeEveryMs: 100 },
    });
    await recorder.start();
    for (let index = 0; index < 5; index += 1) tell('no', { reason: `Bad${String(index)}` });
    await settle();
    expect(await events()).toHaveLength(3);
    await clock.advance(100);
    expect(await events()).toHaveLength(4);
    await clock.advance(100);
    expect(await events()).toHaveLength(5);
  });

  it('never throws, whatever it is given', () => {
    const { recorder, tell, result } = makeWorld();
    tell('no', { object: {} as never });
    tell(undefined as never);
    expect(result('failed')).toBe(2);
    expect(recorder.state).toBe('idle');
  });

  it('writes what waits when it drains, without waiting for the pace', async () => {
    const { recorder, tell, events } = makeWorld({ limits: { writeBurst: 1 } });
    await recorder.start();
    for (let index = 0; index < 5; index += 1) tell('no', { reason: `Bad${String(index)}` });
    await recorder.drain();
    expect(await events()).toHaveLength(5);
    tell('late');
    await recorder.close();
    expect(await events()).toHaveLength(5);
  });

  it('does not wait for a store that is away when it drains', async () => {
    const { recorder, tell, result, clock } = makeWorld({
      failures: [{ verb: 'create', kind: 'Event', error: unavailable() }],
    });
    await recorder.start();
    tell('one');
    tell('two');
    await settle();
    await recorder.drain();
    expect(result('failed')).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it('drops what waits when it is closed', async () => {
    const { recorder, tell, events } = makeWorld();
    await recorder.start();
    tell('one');
    tell('two');
    await recorder.close();
    await recorder.idle();
    expect((await events()).length).toBeLessThan(2);
  });
});
