import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger } from '@afflux/kernel/testing';
import type { ApiObject } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { GADGET, gadget, KIT_KINDS, NOTE } from '../testkit/kinds.ts';
import { WatchRecorder } from '../testkit/watch-recorder.ts';
import { MemoryStore } from './memory-store.ts';
import type { JournalEntry, ObjectJournal } from './object-journal.ts';

/** A journal whose disk can fail, and be slow. */
class TestJournal implements ObjectJournal {
  readonly kept = new Map<string, string>();
  /** Keys whose value cannot be read. */
  readonly damaged = new Set<string>();
  groups: number[] = [];
  isFull = false;
  /** What the next writes wait for. */
  gate: Promise<void> = Promise.resolve();

  *entries(onDamaged: (key: string, why: string) => void): Generator<readonly [string, string]> {
    for (const [key, value] of [...this.kept].sort()) {
      if (this.damaged.has(key)) onDamaged(key, 'the checksum does not match');
      else yield [key, value];
    }
  }

  async write(entries: readonly JournalEntry[]): Promise<void> {
    await this.gate;
    if (this.isFull) throw new Error('no space left on the disk');
    this.groups.push(entries.length);
    for (const { key, value } of entries) {
      if (value === undefined) this.kept.delete(key);
      else this.kept.set(key, value);
    }
  }
}

async function open(journal = new TestJournal()) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const store = new MemoryStore({ clock, logger, newId: newUuid, registry: KIT_KINDS });
  await store.restore(journal);
  journal.groups = [];
  return { journal, clock, logger, store };
}

const key = { namespace: 'ns', name: 'a' };

/** Holds all writes until the function is called. */
function hold(journal: TestJournal): () => void {
  let release: () => void = () => undefined;
  journal.gate = new Promise((resolve) => {
    release = resolve;
  });
  return release;
}

describe('a store with a journal', () => {
  it('answers a write when the journal has it, and not before', async () => {
    const { journal, store } = await open();
    const release = hold(journal);
    let isAnswered = false;
    const created = store.create(gadget(key)).then((object) => {
      isAnswered = true;
      return object;
    });
    await new Promise(setImmediate);
    expect(isAnswered).toBe(false);
    expect([...journal.kept.keys()]).toEqual(['version']);
    release();
    const object = await created;
    const text = journal.kept.get('object/kit.afflux.dev/v1/Gadget//ns/a');
    expect(JSON.parse(text ?? '')).toEqual(object);
  });

  it('writes together what comes while it writes', async () => {
    const { journal, store } = await open();
    const names = Array.from({ length: 50 }, (_, index) => `g${String(index)}`);
    await Promise.all(names.map((name) => store.create(gadget({ ...key, name }))));
    expect(journal.groups.reduce((sum, count) => sum + count, 0)).toBe(50);
    expect(journal.groups.length).toBeLessThan(5);
  });

  it('gives everything back to the next store: objects, uids, generations, owners', async () => {
    const { journal, store } = await open();
    const owner = await store.create(gadget(key));
    const { apiVersion, kind } = GADGET;
    const { name, uid = '' } = owner.metadata;
    const ownerReferences = [{ apiVersion, kind, name, uid }];
    await store.create(gadget({ ...key, name: 'child', ownerReferences }));
    await store.updateStatus({ ...owner, status: { phase: 'Ready' } });
    await store.create({ ...NOTE, metadata: { ...key, name: 'gone' } });
    await store.delete(NOTE, { ...key, name: 'gone' });
    const before = await store.list(GADGET);
    await store.close();

    const next = await open(journal);
    expect((await next.store.list(GADGET)).items).toEqual(before.items);
    expect((await next.store.list(NOTE)).items).toEqual([]);
    await next.store.delete(GADGET, key);
    const watch = new WatchRecorder(next.store, GADGET, {});
    await watch.until(() => journal.kept.size === 1);
    await watch.close();
  });

  it('never gives a version twice, and forgets the past', async () => {
    const { journal, store } = await open();
    const object = await store.create(gadget(key));
    // Nothing is said to the journal about the end: as after kill -9.
    const { store: next } = await open(journal);
    const { resourceVersion: present } = await next.list(GADGET);
    expect(Number(present)).toBeGreaterThan(Number(object.metadata.resourceVersion));
    const signal = new AbortController().signal;
    const resourceVersion = object.metadata.resourceVersion ?? '';
    const steps = next.watch(GADGET, { resourceVersion, signal })[Symbol.asyncIterator]();
    await expect(steps.next()).rejects.toMatchObject({ reason: 'Expired' });
  });

  it('tells of a record that is damaged, and goes on without it', async () => {
    const { journal, store } = await open();
    await store.create(gadget(key));
    await store.create(gadget({ ...key, name: 'b' }));
    journal.damaged.add('object/kit.afflux.dev/v1/Gadget//ns/a');
    const next = await open(journal);
    const names = (await next.store.list(GADGET)).items.map(({ metadata }) => metadata.name);
    expect(names).toEqual(['b']);
    expect(next.logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('keeps an object of a kind that is not served any more, unseen', async () => {
    const { journal, store } = await open();
    await store.create(gadget(key));
    const registry = { get: () => undefined };
    const without = new MemoryStore({ clock: new FakeClock(), newId: newUuid, registry });
    await without.restore(journal);
    await expect(without.list(GADGET)).rejects.toMatchObject({ reason: 'NotFound' });
    expect((await (await open(journal)).store.list(GADGET)).items).toHaveLength(1);
  });

  it('learns kinds from what it held before it takes their objects', async () => {
    const { journal, store } = await open();
    await store.create(gadget(key));
    const definition = { kind: 'CustomResourceDefinition', metadata: { name: 'x' } };
    journal.kept.set(
      'object/zz',
      JSON.stringify({ apiVersion: 'kit.afflux.dev/v1', ...definition }),
    );
    const known = new Set<string>();
    const registry: typeof KIT_KINDS = {
      get: (apiVersion, kind) => (known.has(kind) ? KIT_KINDS.get(apiVersion, kind) : undefined),
    };
    const next = new MemoryStore({ clock: new FakeClock(), newId: newUuid, registry });
    await next.restore(journal, (object: ApiObject) => {
      expect(object).toMatchObject(definition);
      known.add('Gadget');
    });
    expect((await next.list(GADGET)).items).toHaveLength(1);
  });
});

describe('a journal that refuses', () => {
  it('fails the write, and what was shown is taken back', async () => {
    const { journal, store } = await open();
    const object = await store.create(gadget(key));
    const watch = new WatchRecorder(store, GADGET, {
      resourceVersion: object.metadata.resourceVersion ?? '',
    });
    journal.isFull = true;
    const refusal = { code: 'AFFLUX_STORE_UNAVAILABLE', status: 503, retryable: true };
    const words = 'the object cannot be kept: no space left on the disk';
    const changed = store.update({ ...object, spec: { size: 2 } });
    await expect(changed).rejects.toMatchObject({ ...refusal, message: words });
    await expect(store.create(gadget({ ...key, name: 'b' }))).rejects.toMatchObject(refusal);
    await expect(store.delete(GADGET, key)).rejects.toMatchObject(refusal);
    expect((await store.list(GADGET)).items.map(({ spec }) => spec)).toEqual([{ size: 1 }]);
    await watch.until((changes) => changes.length === 6);
    await watch.close();
    expect(watch.summary).toEqual([
      'MODIFIED a',
      'MODIFIED a',
      'ADDED b',
      'DELETED b',
      'DELETED a',
      'ADDED a',
    ]);
    const versions = watch.changes.map(({ object: { metadata } }) =>
      Number(metadata.resourceVersion),
    );
    expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));
  });

  it('takes what stood on the refused write along', async () => {
    const { journal, store } = await open();
    const object = await store.create(gadget(key));
    const release = hold(journal);
    journal.isFull = true;
    const first = store.update({ ...object, spec: { size: 2 } });
    await new Promise(setImmediate);
    const seen = await store.get(GADGET, key);
    const second = store.update({ ...seen, spec: { size: 3 } } as typeof object);
    release();
    await expect(first).rejects.toMatchObject({ status: 503 });
    await expect(second).rejects.toMatchObject({ status: 503 });
    expect(await store.get(GADGET, key)).toMatchObject({ spec: { size: 1 } });
  });

  it('is written to again when it can be', async () => {
    const { journal, store } = await open();
    const object = await store.create(gadget(key));
    journal.isFull = true;
    await expect(store.update({ ...object, spec: { size: 2 } })).rejects.toThrow('no space');
    journal.isFull = false;
    const present = await store.get(GADGET, key);
    await store.update({ ...present, spec: { size: 3 } } as typeof object);
    const text = journal.kept.get('object/kit.afflux.dev/v1/Gadget//ns/a');
    expect(JSON.parse(text ?? '')).toMatchObject({ spec: { size: 3 } });
  });

  it('does not keep the garbage collector busy', async () => {
    const { journal, clock, store } = await open();
    const owner = await store.create(gadget(key));
    const { apiVersion, kind } = GADGET;
    const { name, uid = '' } = owner.metadata;
    const ownerReferences = [{ apiVersion, kind, name, uid }];
    await store.create(gadget({ ...key, name: 'child', ownerReferences }));
    await store.delete(GADGET, key);
    await new Promise(setImmediate);
    // The child is on its way out now; from here on nothing can be kept.
    journal.isFull = true;
    await store.create(gadget({ ...key, name: 'x', ownerReferences })).catch(() => undefined);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    const { resourceVersion } = await store.list(GADGET);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect((await store.list(GADGET)).resourceVersion).toBe(resourceVersion);
    journal.isFull = false;
    await clock.advance(1_000);
    await store.close();
    expect((await store.list(GADGET)).items).toEqual([]);
  });

  it('that cannot even be opened fails the start', async () => {
    const journal = new TestJournal();
    journal.isFull = true;
    await expect(open(journal)).rejects.toThrow('no space left');
  });
});
