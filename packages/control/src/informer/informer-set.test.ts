import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger, settle } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore } from '../memory/memory-store.ts';
import { CONFIG_MAP, GADGET, gadget, KIT_KINDS } from '../testkit/kinds.ts';
import { InformerSet } from './informer-set.ts';

function makeWorld() {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const store = new MemoryStore({ clock, newId: newUuid, registry: KIT_KINDS });
  const informers = new InformerSet({ store, clock, logger });
  onTestFinished(() => informers.close());
  return { store, informers, logger };
}

describe('InformerSet', () => {
  it('shares one informer per kind', () => {
    const { informers } = makeWorld();
    expect(informers.get(GADGET)).toBe(informers.get({ ...GADGET }));
    expect(informers.get(GADGET)).not.toBe(informers.get(CONFIG_MAP));
  });

  it('starts what was asked for, and what is asked for later', async () => {
    const { informers, store } = makeWorld();
    const early = informers.get(GADGET);
    expect(early.state).toBe('idle');
    await informers.start();
    expect(early.hasSynced).toBe(true);
    const late = informers.get(CONFIG_MAP);
    await late.start();
    expect(late.hasSynced).toBe(true);
    await store.create(gadget({ namespace: 'ns', name: 'a' }));
    await informers.idle();
    await settle();
    expect(early.size).toBe(1);
  });

  it('closes them all, quietly', async () => {
    const { informers, logger } = makeWorld();
    const early = informers.get(GADGET);
    await informers.start();
    const late = informers.get({ apiVersion: 'kit.afflux.dev/v1', kind: 'Nothing' });
    await settle();
    await informers.close();
    await settle();
    expect([early.state, late.state]).toEqual(['closed', 'closed']);
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
