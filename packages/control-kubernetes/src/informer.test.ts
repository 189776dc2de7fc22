/** The informers of `@afflux/control` on a cluster. */
import { Informer, type ResourceStore } from '@afflux/control';
import { noopLogger, systemClock, systemRandom } from '@afflux/kernel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Discovery } from './discovery.ts';
import { KubernetesStore } from './kubernetes-store.ts';
import { makeNamespace, openClient, skipReason } from './testing/real-cluster.ts';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

const reason = skipReason(process.env);

describe.skipIf(reason !== undefined)(`on a cluster ${reason ?? ''}`, () => {
  async function open(): Promise<{ store: ResourceStore; namespace: string }> {
    const client = await openClient(process.env);
    onTestFinished(() => client.close());
    const kinds = new Discovery(client, { clock: systemClock });
    const store = new KubernetesStore({ client, kinds, random: systemRandom });
    return { store, namespace: await makeNamespace(client) };
  }

  it('an informer shows what was there, and every change after', async () => {
    const { store, namespace } = await open();
    const make = (name: string) =>
      store.create({ ...CONFIG_MAP, metadata: { namespace, name }, data: { key: '1' } });
    await make('before');
    const informer = new Informer({
      store,
      gvk: CONFIG_MAP,
      clock: systemClock,
      logger: noopLogger,
    });
    onTestFinished(() => informer.close());
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      informer.onChange(({ old, new: next }) => {
        const object = next ?? old;
        if (object?.metadata.namespace !== namespace) return;
        const what = old === undefined ? 'added' : next === undefined ? 'deleted' : 'changed';
        seen.push(`${what} ${object.metadata.name}`);
        if (what === 'deleted') resolve();
      });
    });
    await informer.start();
    await make('after');
    const key = { namespace, name: 'after' };
    await store.patch(CONFIG_MAP, key, { type: 'merge', body: { data: { key: '2' } } });
    await store.delete(CONFIG_MAP, key);
    await done;
    expect(seen).toEqual(['added before', 'added after', 'changed after', 'deleted after']);
  });

  it('a version from long ago has expired', async () => {
    const { store } = await open();
    const { signal } = new AbortController();
    const watch = store.watch(CONFIG_MAP, { resourceVersion: '1', signal });
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      reason: 'Expired',
      status: 410,
    });
  });
});
