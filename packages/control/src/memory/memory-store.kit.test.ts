import { newUuid } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { MemoryStore } from './memory-store.ts';
import { KIT_KINDS, kitAdmission, testStore } from '../testkit/index.ts';

testStore(
  'memory',
  () => ({
    store: new MemoryStore({
      clock: new FakeClock(),
      newId: newUuid,
      registry: KIT_KINDS,
      admission: kitAdmission,
      limits: { objectsPerNamespaceMax: 50 },
    }),
  }),
  {
    garbageCollection: true,
    objectBytesRefused: 1_572_864,
    historyMax: 5_000,
    watchBacklogMax: 10_000,
    objectsPerNamespaceMax: 50,
  },
);
