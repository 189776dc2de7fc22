import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger, settle } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InformerSet } from './informer/informer-set.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { GADGET, gadget, KIT_KINDS, NOTE } from './testkit/kinds.ts';
import { observerOf, Tracker } from './tracker.ts';

async function makeWorld(referencesMax?: number) {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock, newId: newUuid, registry: KIT_KINDS });
  const informers = new InformerSet({ store, clock, logger: recordingLogger() });
  await informers.start();
  onTestFinished(() => informers.close());
  const tracker = new Tracker({
    informers,
    ...(referencesMax === undefined ? {} : { referencesMax }),
  });
  const notified: string[] = [];
  tracker.onNotify((observer) => notified.push(observer));
  return { store, tracker, notified };
}

function reference(name: string) {
  return { apiVersion: GADGET.apiVersion, kind: GADGET.kind, namespace: 'ns', name };
}

describe('Tracker', () => {
  it('notifies of objects that come, change and go, of kinds nobody watched before', async () => {
    const { store, tracker, notified } = await makeWorld();
    tracker.track(reference('a'), 'me');
    const object = await store.create(gadget({ namespace: 'ns', name: 'a' }));
    await settle();
    await store.update({ ...object, spec: { size: 2 } });
    await settle();
    await store.delete(GADGET, object.metadata);
    await settle();
    expect(notified).toEqual(['me', 'me', 'me']);
  });

  it('tells apart namespaces, names and kinds', async () => {
    const { store, tracker, notified } = await makeWorld();
    tracker.track(reference('a'), 'me');
    await store.create(gadget({ namespace: 'ns', name: 'b' }));
    await store.create(gadget({ namespace: 'other', name: 'a' }));
    const { apiVersion, kind } = NOTE;
    await store.create({ apiVersion, kind, metadata: { namespace: 'ns', name: 'a' } });
    await settle();
    expect(notified).toEqual([]);
  });

  it('notifies every observer of an object, once each', async () => {
    const { store, tracker, notified } = await makeWorld();
    tracker.track(reference('a'), 'first');
    tracker.track(reference('a'), 'second');
    tracker.track(reference('a'), 'second');
    await store.create(gadget({ namespace: 'ns', name: 'a' }));
    await settle();
    expect(notified).toEqual(['first', 'second']);
  });

  it('notifies about an object that others report', async () => {
    const { tracker, notified } = await makeWorld();
    tracker.track(reference('a'), 'me');
    tracker.onChanged(gadget({ namespace: 'ns', name: 'a' }));
    expect(notified).toEqual(['me']);
  });

  it('forgets an observer that is gone, and listeners that were taken off', async () => {
    const { tracker, notified } = await makeWorld();
    const heard: string[] = [];
    const stop = tracker.onNotify((observer) => heard.push(observer));
    tracker.track(reference('a'), 'gone');
    tracker.track(reference('b'), 'gone');
    tracker.track(reference('a'), 'stays');
    stop();
    tracker.untrack('gone');
    tracker.untrack('never there');
    tracker.onChanged(gadget({ namespace: 'ns', name: 'a' }));
    expect(notified).toEqual(['stays']);
    expect(heard).toEqual([]);
    expect(tracker.size).toBe(1);
  });

  it('drops what a complete run did not track again, and nothing otherwise', async () => {
    const { tracker } = await makeWorld();
    tracker.track(reference('a'), 'me');
    tracker.passBegins('me');
    tracker.track(reference('b'), 'me');
    expect(tracker.tracked('me')).toHaveLength(2);
    tracker.passBegins('me');
    tracker.track(reference('b'), 'me');
    tracker.passEnds('me');
    expect(tracker.tracked('me')).toEqual(['kit.afflux.dev/v1/Gadget ns/b']);
    tracker.passEnds('nobody');
  });

  it('refuses more references than it may hold, with an error that can be retried', async () => {
    const { tracker } = await makeWorld(2);
    tracker.track(reference('a'), 'me');
    tracker.track(reference('b'), 'me');
    tracker.track(reference('a'), 'me');
    expect(() => {
      tracker.track(reference('c'), 'me');
    }).toThrow(expect.objectContaining({ code: 'AFFLUX_CONTROL_TRACKER_FULL', retryable: true }));
    tracker.untrack('me');
    tracker.track(reference('c'), 'me');
    expect(tracker.size).toBe(1);
  });

  it('names observers by kind and key', () => {
    expect(observerOf(GADGET, { namespace: 'ns', name: 'a' })).toBe(
      'kit.afflux.dev/v1/Gadget/ns/a',
    );
  });
});
