import { StoreError, type ResourceStore } from '@afflux/control';
import { CONTROLLER_USER, type ApiObject } from '@afflux/resources';
import { describe, expect, it, vi } from 'vitest';
import { StoreTarget } from './object-target.ts';
import { memoryChannel, startStore, trigger } from './testing/store.ts';

const RETRY = { retry: 3, backoffPolicy: 'linear', backoffDelay: 'PT1S' };

async function startTarget() {
  const { store, registry } = await startStore();
  const target = new StoreTarget(store, registry);
  return {
    store,
    registry,
    target,

    /** Applies what must be acceptable. */
    apply: async (value: unknown): Promise<ApiObject> => {
      const { object, problems } = await target.apply(value);
      if (object === undefined) throw new Error(JSON.stringify(problems));
      return object;
    },
  };
}

describe('an object that is right', () => {
  it('is created with defaults, in namespace default where it names none', async () => {
    const { store, apply } = await startTarget();
    const { apiVersion, kind } = memoryChannel('c');
    await apply({ apiVersion, kind, metadata: { name: 'c' } });
    const stored = await store.get({ apiVersion, kind }, { namespace: 'default', name: 'c' });
    expect(stored.metadata.annotations).toEqual({ 'messaging.knative.dev/subscribable': 'v1' });
  });

  it('of a kind without namespaces gets none', async () => {
    const { apply } = await startTarget();
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } };
    expect((await apply(namespace)).metadata).not.toHaveProperty('namespace');
  });

  it('loses the fields that were given before and no longer are', async () => {
    const { apply } = await startTarget();
    await apply(trigger('t', { delivery: RETRY, filter: { attributes: { type: 'a' } } }));
    const changed = await apply(trigger('t', { delivery: { retry: 5 } }));
    expect(changed.spec).toMatchObject({ delivery: { retry: 5 } });
    expect((changed.spec as { delivery: object }).delivery).toEqual({ retry: 5 });
    expect((await apply(trigger('t'))).spec).not.toHaveProperty('delivery');
  });

  it('keeps what others put there: subscribers, finalizers, labels, status', async () => {
    const { store, apply } = await startTarget();
    const created = await apply(memoryChannel('c', { delivery: RETRY }));
    const subscribers = [{ uid: 'u', subscriberUri: 'http://localhost:1/' }];
    const theirs = await store.update(
      {
        ...created,
        metadata: { ...created.metadata, finalizers: ['a/b'], labels: { theirs: 'yes' } },
        spec: { ...(created.spec as object), subscribers },
      },
      { fieldManager: CONTROLLER_USER },
    );
    const address = { url: 'http://localhost:1/c' };
    await store.updateStatus({ ...theirs, status: { address } });
    expect(await apply(memoryChannel('c', { delivery: { retry: 1 } }))).toMatchObject({
      metadata: { finalizers: ['a/b'], labels: { theirs: 'yes' } },
      spec: { subscribers, delivery: { retry: 1 } },
      status: { address },
    });
  });

  it('cannot set its own status', async () => {
    const { apply } = await startTarget();
    await apply(memoryChannel('c'));
    const status = { address: { url: 'http://evil.example.com' } };
    expect((await apply({ ...memoryChannel('c'), status })).status ?? {}).toEqual({});
  });

  it('is not written at all when nothing changed', async () => {
    const { apply } = await startTarget();
    const first = await apply(trigger('t'));
    const second = await apply(trigger('t'));
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('is removed, and removing it again is no failure', async () => {
    const { store, target, apply } = await startTarget();
    const { apiVersion, kind } = await apply(trigger('t'));
    const reference = { apiVersion, kind, namespace: 'default', name: 't' };
    await target.remove(reference);
    await expect(store.get(reference, reference)).rejects.toMatchObject({ reason: 'NotFound' });
    await target.remove(reference);
  });

  it('that was removed and comes back starts from nothing', async () => {
    const { target, apply } = await startTarget();
    await apply(trigger('t', { delivery: RETRY }));
    const { apiVersion, kind } = trigger('t');
    await target.remove({ apiVersion, kind, namespace: 'default', name: 't' });
    expect((await apply(trigger('t'))).spec).not.toHaveProperty('delivery');
  });
});

describe('writes of others', () => {
  it('while an object is applied stay', async () => {
    const { store, registry, apply } = await startTarget();
    await apply(memoryChannel('c'));
    // Somebody writes between our read and our write.
    const contended = new Proxy(store, {
      get(from, property) {
        if (property !== 'patch') return (Reflect.get(from, property) as () => unknown).bind(from);
        const patch: ResourceStore['patch'] = async (kind, key, ...rest) => {
          const body = { metadata: { labels: { theirs: 'yes' } } };
          await from.patch(kind, key, { type: 'merge', body });
          return from.patch(kind, key, ...rest);
        };
        return patch;
      },
    });
    const { object } = await new StoreTarget(contended, registry).apply(
      memoryChannel('c', { delivery: RETRY }),
    );
    expect(object).toMatchObject({
      metadata: { labels: { theirs: 'yes' } },
      spec: { delivery: RETRY },
    });
  });

  it('gives up after five conflicts, and says so', async () => {
    const { store, registry, apply } = await startTarget();
    await apply(memoryChannel('c'));
    const patch = vi
      .spyOn(store, 'patch')
      .mockRejectedValue(new StoreError('AFFLUX_STORE_CONFLICT', 'the object has been modified'));
    const { problems } = await new StoreTarget(store, registry).apply(memoryChannel('c'));
    expect(problems).toEqual([{ message: 'the object has been modified', paths: [] }]);
    expect(patch).toHaveBeenCalledTimes(5);
  });

  it('an object that somebody else created in between is changed', async () => {
    const { store, registry } = await startTarget();
    const get = vi.spyOn(store, 'get');
    get.mockImplementationOnce(async (kind, key) => {
      await store.create(memoryChannel('c', { delivery: { retry: 1 } }));
      throw new StoreError('AFFLUX_STORE_NOT_FOUND', `${kind.kind} ${key.name} not found`);
    });
    const { object } = await new StoreTarget(store, registry).apply(
      memoryChannel('c', { delivery: { retry: 2 } }),
    );
    expect(object).toMatchObject({ spec: { delivery: { retry: 2 } } });
  });
});

describe('mistakes', () => {
  it.each([
    ['no object', 5, '', /object/],
    ['an unknown kind', { ...trigger('t'), kind: 'Triger' }, '', /Triger/],
    ['an unknown field', trigger('t', { subscribr: {} }), 'spec.subscribr', /subscriber/],
    ['a wrong type', trigger('t', { delivery: { retry: 'x' } }), 'spec.delivery.retry', /./],
    ['a rule of the kind', trigger('t', { broker: '' }), 'spec.broker', /missing/],
    [
      'a delay that is none',
      trigger('t', { delivery: { backoffDelay: 'soon' } }),
      'backoffDelay',
      /./,
    ],
  ])('%s comes back with field and reason', async (_what, value, field, reason) => {
    const { target } = await startTarget();
    const { object, problems } = await target.apply(value);
    expect(object).toBeUndefined();
    expect(problems).toHaveLength(1);
    const [{ message, paths, details } = { message: '', paths: [], details: '' }] = problems;
    expect(paths.join()).toContain(field);
    expect(`${message} ${details ?? ''}`).toMatch(reason);
  });

  it('leave the version that is there as it is', async () => {
    const { store, target, apply } = await startTarget();
    const before = await apply(trigger('t', { delivery: RETRY }));
    await target.apply(trigger('t', { delivery: { retry: -1 } }));
    expect(await store.get(before, before.metadata)).toEqual(before);
    expect((await apply(trigger('t'))).spec).not.toHaveProperty('delivery');
  });
});
