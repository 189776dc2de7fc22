import { newUuid } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { expect, it } from 'vitest';
import type { Change } from '../store/resource-store.ts';
import { CONFIG_MAP, GADGET, gadget, type KitKind } from '../testkit/kinds.ts';
import { WatchRecorder } from '../testkit/watch-recorder.ts';
import { MemoryStore } from './memory-store.ts';

it('the watches of a kind that is gone end when anything happens, after what they had to show', async () => {
  let kinds: readonly KitKind[] = [CONFIG_MAP, GADGET];
  let generation = 0;
  const registry = {
    get: (apiVersion: string, kind: string) =>
      kinds.find((one) => one.apiVersion === apiVersion && one.kind === kind),
    get generation() {
      return generation;
    },
  };
  const store = new MemoryStore({ clock: new FakeClock(), newId: newUuid, registry });
  const gadgets = new WatchRecorder(store, GADGET);
  const configMaps = new WatchRecorder(store, CONFIG_MAP);
  const unread = store.watch(GADGET, { signal: new AbortController().signal });
  await store.create(gadget({ namespace: 'ns', name: 'a' }));
  await store.delete(GADGET, { namespace: 'ns', name: 'a' });
  kinds = [CONFIG_MAP];
  generation += 1;
  await store.list(CONFIG_MAP);
  await gadgets.ended;
  expect([gadgets.summary, gadgets.error]).toEqual([['ADDED a', 'DELETED a'], undefined]);
  // Also when they are read only then.
  const seen: Change['type'][] = [];
  for await (const { type } of unread) seen.push(type);
  expect(seen).toEqual(['ADDED', 'DELETED']);
  await configMaps.close();
});
