import { describe, expect, it } from 'vitest';
import type { GroupVersionKind } from '../../store/resource-store.ts';
import { CONFIG_MAP, configMap, GADGET, gadget, SERVICE, service, servicePort } from '../kinds.ts';
import type { StoreBench } from './bench.ts';

/** Strategic merge: what `kubectl apply`, `edit` and `patch` send for Kubernetes' own kinds. */
export function strategicCases(bench: StoreBench): void {
  const patch = (
    kind: GroupVersionKind,
    key: { readonly namespace?: string | undefined; readonly name: string },
    body: unknown,
  ) => bench.store.patch(kind, key, { type: 'strategic', body });

  const portNumbers = (spec: unknown): number[] =>
    (spec as { ports: { port: number }[] }).ports.map(({ port }) => port);

  describe('strategic merge', () => {
    it('merges maps and removes with null', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(configMap({ ...key, labels: { x: '1' } }, { a: '1', b: '2' }));
      const body = { data: { a: null, c: '3' }, metadata: { labels: { y: '2' } } };
      const patched = await patch(CONFIG_MAP, key, body);
      expect(patched).toMatchObject({
        data: { b: '2', c: '3' },
        metadata: { labels: { x: '1', y: '2' } },
      });
      expect(Object.keys((patched as { data?: object }).data ?? {})).toEqual(['b', 'c']);
    });

    it('merges a list by its key: changes an item, adds another, leaves the rest', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(service(key, [servicePort('web', 80), servicePort('admin', 81)]));
      const body = { spec: { ports: [{ port: 81, name: 'ops' }, servicePort('extra', 82)] } };
      const { spec } = await patch(SERVICE, key, body);
      const { ports } = spec as { ports: { port: number }[] };
      expect(ports.toSorted((left, right) => left.port - right.port)).toEqual([
        servicePort('web', 80),
        { ...servicePort('admin', 81), name: 'ops' },
        servicePort('extra', 82),
      ]);
    });

    it('removes an item of a list with a directive', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(service(key, [servicePort('web', 80), servicePort('admin', 81)]));
      const body = { spec: { ports: [{ port: 80, $patch: 'delete' }] } };
      expect(portNumbers((await patch(SERVICE, key, body)).spec)).toEqual([81]);
    });

    it('puts a list in the order that a directive names', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(service(key, [servicePort('web', 80), servicePort('admin', 81)]));
      const body = {
        spec: {
          '$setElementOrder/ports': [{ port: 82 }, { port: 81 }, { port: 80 }],
          ports: [servicePort('extra', 82)],
        },
      };
      expect(portNumbers((await patch(SERVICE, key, body)).spec)).toEqual([82, 81, 80]);
    });

    it('replaces a map or a list with a directive', async () => {
      const namespace = await bench.namespace();
      await bench.create(configMap({ namespace, name: 'a' }, { a: '1', b: '2' }));
      const map = await patch(
        CONFIG_MAP,
        { namespace, name: 'a' },
        { data: { $patch: 'replace', c: '3' } },
      );
      expect(map).toMatchObject({ data: { c: '3' } });
      expect(Object.keys((map as { data?: object }).data ?? {})).toEqual(['c']);
      const key = { namespace, name: 'b' };
      await bench.create(service(key, [servicePort('web', 80), servicePort('admin', 81)]));
      const ports = [servicePort('only', 90), { $patch: 'replace' }];
      expect(portNumbers((await patch(SERVICE, key, { spec: { ports } })).spec)).toEqual([90]);
    });

    it('adds to the finalizers and takes off those that a directive names', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const [one, two] = ['kit.afflux.dev/one', 'kit.afflux.dev/two'];
      await bench.create(configMap({ ...key, finalizers: [one] }));
      const added = await patch(CONFIG_MAP, key, { metadata: { finalizers: [two] } });
      expect(added.metadata.finalizers?.toSorted()).toEqual([one, two]);
      const body = { metadata: { '$deleteFromPrimitiveList/finalizers': [one, two] } };
      expect((await patch(CONFIG_MAP, key, body)).metadata.finalizers ?? []).toEqual([]);
    });

    it('keeps the version when nothing changes', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(configMap({ namespace, name: 'a' }, { a: '1' }));
      const patched = await patch(CONFIG_MAP, object.metadata, { data: { a: '1' } });
      expect(patched.metadata.resourceVersion).toBe(object.metadata.resourceVersion);
    });

    it('is conditional with a version', async () => {
      const namespace = await bench.namespace();
      const stale = await bench.create(configMap({ namespace, name: 'a' }, { a: '1' }));
      await bench.store.update({ ...stale, data: { a: '2' } });
      const { resourceVersion } = stale.metadata;
      const body = { metadata: { resourceVersion }, data: { a: '3' } };
      await expect(patch(CONFIG_MAP, stale.metadata, body)).rejects.toMatchObject({
        reason: 'Conflict',
      });
    });

    it('is refused for custom kinds with UnsupportedMediaType', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }));
      await expect(patch(GADGET, object.metadata, { spec: { size: 2 } })).rejects.toMatchObject({
        reason: 'UnsupportedMediaType',
        status: 415,
      });
    });

    it('refuses a patch that is no map with BadRequest', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(configMap({ namespace, name: 'a' }));
      await expect(patch(CONFIG_MAP, object.metadata, [])).rejects.toMatchObject({
        reason: 'BadRequest',
      });
    });
  });
}
